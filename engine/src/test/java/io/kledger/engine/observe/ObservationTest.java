package io.kledger.engine.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.event.Bytes;
import io.kledger.event.avro.CgroupObserved;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.FdObserved;
import io.kledger.event.avro.GetpidCall;
import io.kledger.event.avro.NamespaceObserved;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TaskObserved;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.task.Task;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObservationTest {
  private final KernelState state = new KernelState();
  private final Engine engine = Engines.create(state);
  private long position;

  private void fold(int tid, Object body) {
    engine.fold(
        Event.newBuilder().setPosition(++position).setTid(tid).setBody(body).build());
  }

  private static TaskObserved.Builder task(int tid) {
    return TaskObserved.newBuilder()
        .setTid(tid)
        .setTgid(tid)
        .setPpid(2)
        .setComm(Bytes.of("sh").toBuffer())
        .setNspid(List.of((long) tid))
        .setUids(List.of(0L, 0L, 0L, 0L))
        .setGids(List.of(0L, 0L, 0L, 0L))
        .setCapEffective(0)
        .setCgroup(Bytes.of("/a/b").toBuffer())
        .setNamespaces(List.of(new NamespaceObserved("net", 4026532181L)));
  }

  private static FdObserved fd(int number, String target, long inode) {
    return FdObserved.newBuilder()
        .setFd(number)
        .setTarget(Bytes.of(target).toBuffer())
        .setFlags(1)
        .setIno(inode)
        .setMode(010600)
        .build();
  }

  @Test
  void observedTaskIsInItsCgroupAndNamespaces() {
    // when
    fold(0, task(5).build());
    // then
    Task task = state.task(5);
    Cgroup cgroup = state.cgroups.require(task.cgroup());
    assertThat(cgroup.name()).isEqualTo(Bytes.of("b"));
    assertThat(state.namespaces.require(task.namespaces().net()).inode()).isEqualTo(4026532181L);
    assertThat(task.inferred()).isFalse();
  }

  @Test
  void descriptorsThatLookTheSameAreOneDescription() {
    // given fds 1 and 2 on one end of a pipe, 3 on another pipe
    fold(
        0,
        task(5)
            .setFds(
                List.of(
                    fd(1, "pipe:[77]", 77), fd(2, "pipe:[77]", 77), fd(3, "pipe:[78]", 78)))
            .build());
    // then
    long files = state.task(5).files();
    assertThat(state.fd(files, 1).description()).isEqualTo(state.fd(files, 2).description());
    assertThat(state.fd(files, 1).description()).isNotEqualTo(state.fd(files, 3).description());
  }

  @Test
  void sharedTableIsOneTable() {
    fold(0, task(5).build());
    fold(0, task(6).setFdsSharedWith(5).build());
    assertThat(state.task(6).files()).isEqualTo(state.task(5).files());
  }

  @Test
  void observedCgroupHasItsControllers() {
    fold(
        0,
        CgroupObserved.newBuilder()
            .setPath(Bytes.of("/x").toBuffer())
            .setSubtreeControl(List.of(Bytes.of("pids").toBuffer()))
            .build());
    Cgroup cgroup = state.cgroups.rows().getLast();
    assertThat(cgroup.name()).isEqualTo(Bytes.of("x"));
    assertThat(cgroup.subtreeControl()).containsExactly(Bytes.of("pids"));
  }

  @Test
  void taskOfAnUnknownNumberIsInferred() {
    // when a call of a task that nobody saw being born
    fold(
        9,
        Syscall.newBuilder()
            .setPhase(Phase.WHOLE)
            .setCall(new GetpidCall())
            .setOutcome(Outcome.newBuilder().setValue(9).build())
            .build());
    // then
    assertThat(state.task(9).inferred()).isTrue();
    assertThat(state.task(9).credentials().known()).isFalse();
  }
}
