package io.kledger.engine.observe;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.event.avro.CgroupObserved;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Cgroups that were there when the log began. */
public final class CgroupObservation {
  private CgroupObservation() {}

  static void handle(CallContext context, CgroupObserved body) {
    Cgroup cgroup = at(context, Bytes.of(body.getPath()));
    List<Bytes> controllers = new ArrayList<>();
    for (ByteBuffer name : body.getSubtreeControl()) {
      controllers.add(Bytes.of(name));
    }
    Cgroup.Type type =
        switch (body.getType()) {
          case "domain threaded" -> Cgroup.Type.DOMAIN_THREADED;
          case "domain invalid" -> Cgroup.Type.DOMAIN_INVALID;
          case "threaded" -> Cgroup.Type.THREADED;
          default -> Cgroup.Type.DOMAIN;
        };
    context.put(
        Tables.CGROUPS,
        new Cgroup(
            cgroup.key(),
            cgroup.parent(),
            cgroup.name(),
            cgroup.id(),
            controllers,
            type,
            cgroup.frozen(),
            cgroup.removed(),
            cgroup.directory(),
            cgroup.createdAt()));
  }

  /** The cgroup with this path from the root of the hierarchy; made, with those above it. */
  public static Cgroup at(CallContext context, Bytes path) {
    Cgroup at = root(context);
    int from = 0;
    while (from < path.length()) {
      int slash = path.indexOf('/', from);
      int end = slash < 0 ? path.length() : slash;
      if (end > from) {
        at = child(context, at, path.slice(from, end));
      }
      from = end + 1;
    }
    return at;
  }

  private static Cgroup root(CallContext context) {
    KernelState state = context.state();
    for (long key : state.cgroups.keys()) {
      if (state.cgroups.get(key).parent() == 0) {
        return state.cgroups.get(key);
      }
    }
    return add(context, 0, Bytes.EMPTY);
  }

  private static Cgroup child(CallContext context, Cgroup parent, Bytes name) {
    KernelState state = context.state();
    for (long key : state.cgroupsByParent.keys(parent.key())) {
      if (state.cgroups.get(key).name().equals(name)) {
        return state.cgroups.get(key);
      }
    }
    return add(context, parent.key(), name);
  }

  private static Cgroup add(CallContext context, long parent, Bytes name) {
    Cgroup cgroup =
        new Cgroup(
            context.newKey(),
            parent,
            name,
            context.next(CounterId.CGROUP_ID),
            List.of(),
            Cgroup.Type.DOMAIN,
            false,
            false,
            0,
            context.position());
    context.put(Tables.CGROUPS, cgroup);
    return cgroup;
  }
}
