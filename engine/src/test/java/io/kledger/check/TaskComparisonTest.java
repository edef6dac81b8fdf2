package io.kledger.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TaskComparisonTest {
  private final TaskComparison comparison =
      new TaskComparison(new Renaming("mount"), new LinkedHashMap<>());

  private static TaskLines task(int tid, int ppid, String comm, Map<Integer, String> fds) {
    TreeMap<Integer, TaskLines.Descriptor> descriptors = new TreeMap<>();
    fds.forEach((fd, target) -> descriptors.put(fd, new TaskLines.Descriptor(target, 02)));
    return new TaskLines(
        tid,
        tid,
        ppid,
        comm,
        false,
        List.of(0L),
        List.of(0L),
        List.of((long) tid),
        List.of(5L),
        List.of(5L),
        Map.of("mnt", "77", "pid", "88"),
        "/a",
        "/",
        new TreeMap<>(Map.of("umask", "0022", "root-mount", "7")),
        descriptors,
        false,
        false);
  }

  private static TaskLines with(TaskLines t, Map<String, String> namespaces, boolean zombie) {
    return new TaskLines(
        t.tid(),
        t.tgid(),
        t.ppid(),
        t.comm(),
        zombie,
        t.uids(),
        t.gids(),
        t.numbers(),
        t.processGroup(),
        t.session(),
        namespaces,
        t.cgroup(),
        t.cwd(),
        t.details(),
        t.fds(),
        t.inferred(),
        zombie);
  }

  @Test
  void equalTasksAgree() {
    List<TaskLines> tasks = List.of(task(5, 2, "sh", Map.of(0, "/dev/null")));
    assertThat(comparison.differences(tasks, tasks)).isEmpty();
  }

  @Test
  void aParentOutsideTheTraceMayBeUnknown() {
    List<TaskLines> expected = List.of(task(5, 2, "sh", Map.of()), task(6, 5, "sh", Map.of()));
    assertThat(
            comparison.differences(
                expected, List.of(task(5, 0, "sh", Map.of()), task(6, 5, "sh", Map.of()))))
        .isEmpty();
    assertThat(
            comparison.differences(
                expected, List.of(task(5, 0, "sh", Map.of()), task(6, 0, "sh", Map.of()))))
        .singleElement()
        .asString()
        .startsWith("task.ppid: 6");
  }

  @Test
  void missingAndSurplusTasksAreDifferences() {
    List<TaskLines> one = List.of(task(5, 2, "sh", Map.of()));
    assertThat(comparison.differences(one, List.of())).containsExactly("task.missing: 5 sh");
    assertThat(comparison.differences(List.of(), one)).containsExactly("task.surplus: 5 sh");
  }

  @Test
  void commAndDescriptorsAreCompared() {
    List<String> found =
        comparison.differences(
            List.of(task(5, 2, "sh", Map.of(0, "/a", 1, "/b"))),
            List.of(task(5, 2, "bash", Map.of(0, "/c", 2, "/d"))));
    assertThat(found)
        .anyMatch(text -> text.startsWith("task.comm: 5"))
        .anyMatch(text -> text.startsWith("task.fd-target: 5 kernel 0 /a engine 0 /c"))
        .anyMatch(text -> text.startsWith("task.fd: 5 kernel 1 /b engine 1 closed"))
        .anyMatch(text -> text.startsWith("task.fd: 5 kernel 2 closed engine 2 /d"));
  }

  @Test
  void inodeNumbersMayHaveOtherNamesButOneEach() {
    assertThat(
            comparison.differences(
                List.of(task(5, 2, "sh", Map.of(0, "pipe:[100]", 1, "pipe:[100]"))),
                List.of(task(5, 2, "sh", Map.of(0, "pipe:[7]", 1, "pipe:[7]")))))
        .isEmpty();
    assertThat(
            comparison.differences(
                List.of(task(5, 2, "sh", Map.of(0, "pipe:[100]"))),
                List.of(task(5, 2, "sh", Map.of(0, "pipe:[8]")))))
        .hasSize(1);
  }

  @Test
  void namespacesAreComparedUpToRenaming() {
    TaskLines a = task(5, 2, "a", Map.of());
    TaskLines b = task(6, 5, "b", Map.of());
    // given the kernel has two mount namespaces and the engine one
    List<TaskLines> expected = List.of(a, with(b, Map.of("mnt", "78", "pid", "88"), false));
    assertThat(comparison.differences(expected, List.of(a, b)))
        .singleElement()
        .asString()
        .startsWith("task.ns.mnt");
  }

  @Test
  void aZombieMayStillBeAliveInTheModelButNotTheOtherWay() {
    TaskLines alive = task(5, 2, "sh", Map.of());
    TaskLines dead = with(alive, alive.namespaces(), true);
    assertThat(comparison.differences(List.of(dead), List.of(alive))).isEmpty();
    assertThat(comparison.differences(List.of(alive), List.of(dead)))
        .singleElement()
        .asString()
        .startsWith("task.zombie");
  }
}
