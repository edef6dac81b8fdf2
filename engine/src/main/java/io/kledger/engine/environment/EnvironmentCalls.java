package io.kledger.engine.environment;

import io.kledger.engine.BodyHandler;
import io.kledger.engine.CallContext;
import io.kledger.engine.SyscallTable;
import io.kledger.event.avro.Environment;
import io.kledger.event.avro.KernelProfile;
import io.kledger.event.avro.ModelMachine;
import io.kledger.event.avro.ModelVersion;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Statements about the world outside the system calls, by their kind: the directives of scenarios.
 */
public final class EnvironmentCalls {
  private static final Map<String, BodyHandler<Environment>> DIRECTIVES = new TreeMap<>();

  static {
    DIRECTIVES.put("task", TaskDirectives::task);
    DIRECTIVES.put("container", TaskDirectives::container);
    DIRECTIVES.put("userns", NamespaceDirectives::userns);
    DIRECTIVES.put("pidns", NamespaceDirectives::pidns);
    DIRECTIVES.put("dir", FileDirectives::dir);
    DIRECTIVES.put("file", FileDirectives::file);
    DIRECTIVES.put("symlink", FileDirectives::symlink);
    DIRECTIVES.put("node", FileDirectives::node);
    DIRECTIVES.put("slow", FileDirectives::slow);
    DIRECTIVES.put("blockdev", BlockDirectives::blockdev);
    DIRECTIVES.put("image", BlockDirectives::image);
    DIRECTIVES.put("content", BlockDirectives::content);
    DIRECTIVES.put("key", KeyDirectives::key);
    DIRECTIVES.put("signature", KeyDirectives::signature);
    DIRECTIVES.put("verity", KeyDirectives::verity);
    DIRECTIVES.put("devprog", KeyDirectives::devprog);
    DIRECTIVES.put("netif", NetDirectives::netif);
    DIRECTIVES.put("route", NetDirectives::route);
    DIRECTIVES.put("packet", NetDirectives::packet);
    DIRECTIVES.put("quota", BlockDirectives::quota);
    DIRECTIVES.put("lsm", PolicyDirectives::lsm);
    DIRECTIVES.put("unlsm", PolicyDirectives::unlsm);
    DIRECTIVES.put("boot", Boot::boot);
    DIRECTIVES.put("crash", CrashDirective::crash);
    DIRECTIVES.put("sysctl", MachineEvents::sysctl);
    // Time is that of the events: the runner moves it, and calls that waited for it are theirs.
    DIRECTIVES.put("advance", EnvironmentCalls::nothing);
    DIRECTIVES.put("clock", EnvironmentCalls::nothing);
  }

  private EnvironmentCalls() {}

  /** Kinds of directives that the engine understands; others have no effect. */
  public static SortedSet<String> supported() {
    TreeSet<String> kinds = new TreeSet<>(DIRECTIVES.keySet());
    kinds.add("kernel");
    return kinds;
  }

  public static void register(SyscallTable.Builder table) {
    table.body(KernelProfile.class, MachineEvents::profile);
    table.body(ModelVersion.class, MachineEvents::version);
    table.body(ModelMachine.class, ModelMachineStart::handle);
    table.body(Environment.class, EnvironmentCalls::handle);
  }

  private static void handle(CallContext context, Environment body) {
    BodyHandler<Environment> handler = DIRECTIVES.get(body.getKind());
    if (handler == null) {
      return;
    }
    try {
      handler.handle(context, body);
    } catch (NumberFormatException e) {
      throw new DirectiveException("@" + body.getKind() + ": no number: " + e.getMessage(), e);
    }
  }

  private static void nothing(CallContext context, Environment body) {}
}
