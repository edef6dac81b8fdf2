package io.kledger.projection.http;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.Task;
import io.kledger.projection.ledger.Asked;
import io.kledger.projection.ledger.Ledgers;
import io.kledger.view.BlockDevicesView;
import io.kledger.view.Cgroups;
import io.kledger.view.Fds;
import io.kledger.view.Locks;
import io.kledger.view.MountInfo;
import io.kledger.view.Mounts;
import io.kledger.view.Namespaces;
import io.kledger.view.Rings;
import io.kledger.view.Sheet;
import io.kledger.view.SocketQueues;
import io.kledger.view.Tasks;
import io.kledger.view.Watches;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The views of one machine's state at a moment. */
@Path("/api/v1/machines/{machine}")
public class ViewsResource {
  @Inject Ledgers ledgers;

  @Context UriInfo uri;

  @Context HttpHeaders headers;

  @PathParam("machine")
  String machine;

  /** What a digest is of. */
  public record Digest(
      String machine, long position, long end, String fingerprint, String digest) {}

  private Query query(String... allowed) {
    return new Query(ledgers.of(machine), machine, uri, headers, Query.withRows(allowed));
  }

  private Selected in(Asked asked) {
    return new Selected(asked, machine);
  }

  /** The text of /proc/PID/mountinfo; in JSON one row a line. */
  @GET
  @Path("mountinfo")
  @Produces({MediaType.TEXT_PLAIN, MediaType.APPLICATION_JSON})
  public Response mountinfo() {
    Query query = query("pid", "ns");
    Integer pid = query.pid();
    Long namespace = query.number("ns", Long.MAX_VALUE);
    return query.textOrJson(
        true,
        asked -> mountinfo(asked, pid, namespace),
        asked -> query.rows(asked, lines(mountinfo(asked, pid, namespace))));
  }

  private List<String> mountinfo(Asked asked, Integer pid, Long namespace) {
    Selected.MountView view = in(asked).mounts(pid, namespace);
    return MountInfo.lines(asked.state(), view.namespace(), view.root());
  }

  private static Sheet lines(List<String> lines) {
    Sheet sheet = Sheet.of("LINE");
    lines.forEach(line -> sheet.row(Bytes.wrap(line.getBytes(StandardCharsets.ISO_8859_1))));
    return sheet;
  }

  /** The columns of findmnt, in the order of mountinfo. */
  @GET
  @Path("mounts")
  @Produces(MediaType.APPLICATION_JSON)
  public Response mounts() {
    Query query = query("pid", "ns");
    Integer pid = query.pid();
    Long namespace = query.number("ns", Long.MAX_VALUE);
    return query.json(
        asked -> {
          Selected.MountView view = in(asked).mounts(pid, namespace);
          return query.rows(
              asked, Mounts.sheet(asked.state(), view.namespace(), view.root(), false));
        });
  }

  /** The columns of lslocks; as text /proc/locks, which knows no single process. */
  @GET
  @Path("locks")
  @Produces({MediaType.APPLICATION_JSON, MediaType.TEXT_PLAIN})
  public Response locks() {
    Query query = query("pid");
    Integer pid = query.pid();
    return query.textOrJson(
        false,
        asked -> {
          if (pid != null) {
            throw new Problem(
                Response.Status.BAD_REQUEST,
                "the text of /proc/locks is of all processes; ask for JSON, or without pid");
          }
          return Locks.proc(asked.state());
        },
        asked -> {
          Sheet sheet = Locks.sheet(asked.state());
          if (pid != null) {
            keep(sheet, "PID", Set.of((long) Tasks.tgid(asked.state(), in(asked).task(pid))));
          }
          return query.rows(asked, sheet);
        });
  }

  private static void keep(Sheet sheet, String column, Set<Long> numbers) {
    int index = sheet.columns().indexOf(column);
    sheet
        .rows()
        .removeIf(
            row ->
                !(row.get(index) instanceof Number number)
                    || !numbers.contains(number.longValue()));
  }

  /** All cgroups, or that of a process; as text /proc/PID/cgroup. */
  @GET
  @Path("cgroups")
  @Produces({MediaType.APPLICATION_JSON, MediaType.TEXT_PLAIN})
  public Response cgroups() {
    Query query = query("pid", "path");
    Integer pid = query.pid();
    Bytes path = query.text("path") == null ? null : Bytes.of(query.text("path"));
    return query.textOrJson(
        false,
        asked -> {
          Task task = in(asked).taskOrFirst(pid);
          return Cgroups.proc(asked.state(), task, task);
        },
        asked -> {
          KernelState state = asked.state();
          Bytes below = pid == null ? path : Cgroups.path(state, in(asked).task(pid).cgroup());
          return query.rows(asked, Cgroups.sheet(state, below));
        });
  }

  /** All tasks, or those of a process. */
  @GET
  @Path("tasks")
  @Produces(MediaType.APPLICATION_JSON)
  public Response tasks() {
    Query query = query("pid");
    Integer pid = query.pid();
    return query.json(
        asked -> {
          KernelState state = asked.state();
          List<Task> tasks = new ArrayList<>(Tasks.all(state));
          if (pid != null) {
            int tgid = Tasks.tgid(state, in(asked).task(pid));
            tasks.removeIf(task -> Tasks.tgid(state, task) != tgid);
          }
          return query.rows(asked, Tasks.sheet(state, tasks));
        });
  }

  /** All open files, or those of a process. */
  @GET
  @Path("fds")
  @Produces(MediaType.APPLICATION_JSON)
  public Response fds() {
    Query query = query("pid");
    Integer pid = query.pid();
    return query.json(
        asked -> {
          KernelState state = asked.state();
          List<Task> tasks = pid == null ? Tasks.all(state) : List.of(in(asked).task(pid));
          return query.rows(asked, Fds.sheet(state, tasks));
        });
  }

  /** All block devices. */
  @GET
  @Path("blockdevs")
  @Produces(MediaType.APPLICATION_JSON)
  public Response blockdevs() {
    Query query = query();
    return query.json(asked -> query.rows(asked, BlockDevicesView.sheet(asked.state())));
  }

  /** All sockets, or those that a process has descriptors of. */
  @GET
  @Path("sockets")
  @Produces(MediaType.APPLICATION_JSON)
  public Response sockets() {
    Query query = query("pid");
    Integer pid = query.pid();
    return query.json(
        asked -> {
          Task task = pid == null ? null : in(asked).task(pid);
          return query.rows(asked, SocketQueues.sheet(asked.state(), task));
        });
  }

  /** Watches of inotify and marks of fanotify, all or those of a process. */
  @GET
  @Path("watches")
  @Produces(MediaType.APPLICATION_JSON)
  public Response watches() {
    Query query = query("pid");
    Integer pid = query.pid();
    return query.json(
        asked -> {
          Task task = pid == null ? null : in(asked).task(pid);
          return query.rows(asked, Watches.sheet(asked.state(), task));
        });
  }

  /** What waits in rings of io_uring. */
  @GET
  @Path("rings")
  @Produces(MediaType.APPLICATION_JSON)
  public Response rings() {
    Query query = query();
    return query.json(asked -> query.rows(asked, Rings.sheet(asked.state())));
  }

  /** All namespaces, or those that a process is in. */
  @GET
  @Path("namespaces")
  @Produces(MediaType.APPLICATION_JSON)
  public Response namespaces() {
    Query query = query("pid");
    Integer pid = query.pid();
    return query.json(
        asked -> {
          Sheet sheet = Namespaces.sheet(asked.state());
          if (pid != null) {
            keep(sheet, "NS", inodes(asked.state(), in(asked).task(pid)));
          }
          return query.rows(asked, sheet);
        });
  }

  private static Set<Long> inodes(KernelState state, Task task) {
    Set<Long> inodes = new TreeSet<>();
    Tasks.namespaces(task)
        .forEach(
            (name, key) -> {
              Namespace row = state.namespaces.get(key);
              if (row != null && row.inode() != 0 && !name.endsWith("_for_children")) {
                inodes.add(row.inode());
              }
            });
    return inodes;
  }

  /** The digest of the state: equal states of one fingerprint have equal ones. */
  @GET
  @Path("digest")
  @Produces(MediaType.APPLICATION_JSON)
  public Response digest() {
    return new Query(ledgers.of(machine), machine, uri, headers)
        .json(
            asked ->
                new Digest(
                    machine,
                    asked.position(),
                    asked.end(),
                    asked.ledger().fingerprint(),
                    asked.ledger().digest(asked.position())));
  }
}
