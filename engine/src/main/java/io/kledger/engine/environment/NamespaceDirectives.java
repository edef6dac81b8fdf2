package io.kledger.engine.environment;

import io.kledger.engine.CallContext;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Environment;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.ns.NamespaceName;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.ns.UserNamespace.IdExtent;
import java.util.ArrayList;
import java.util.List;

/** `@userns` and `@pidns`: namespaces that exist already, with a name for other directives. */
final class NamespaceDirectives {
  private NamespaceDirectives() {}

  static void userns(CallContext context, Environment body) {
    Words words = new Words(body);
    long parent = named(context.state(), NamespaceKind.USER, words.text("parent", "init"));
    Namespace made = NamespaceRows.create(context, NamespaceKind.USER, parent, 0, 0);
    name(context, made, words.word(0));
    UserNamespace row = context.state().userNamespaces.require(made.key());
    context.put(
        Tables.USER_NAMESPACES,
        new UserNamespace(
            made.key(),
            words.number("owner", 0),
            words.number("owner", 0),
            map(words.value("uid_map")),
            map(words.value("gid_map")),
            row.setgroupsAllowed(),
            true));
  }

  static void pidns(CallContext context, Environment body) {
    Words words = new Words(body);
    KernelState state = context.state();
    long parent = named(state, NamespaceKind.PID, words.text("parent", "init"));
    long owner = named(state, NamespaceKind.USER, words.text("userns", "init"));
    name(
        context, NamespaceRows.create(context, NamespaceKind.PID, owner, parent, 0), words.word(0));
  }

  private static void name(CallContext context, Namespace namespace, String name) {
    context.put(Tables.NAMESPACE_NAMES, new NamespaceName(namespace.key(), namespace.kind(), name));
  }

  /** The namespace of this name; `init` is the initial one. */
  static long named(KernelState state, NamespaceKind kind, String name) {
    for (long key : state.namespaceNames.keys()) {
      NamespaceName row = state.namespaceNames.get(key);
      if (row.kind() == kind && row.name().equals(name)) {
        return key;
      }
    }
    if (name.equals("init")) {
      return NamespaceRows.initial(state, kind).key();
    }
    throw new DirectiveException("no " + kind.procName() + " namespace is called " + name);
  }

  /** Lines of three numbers, as in /proc/PID/uid_map. */
  static List<IdExtent> map(Bytes text) {
    List<IdExtent> map = new ArrayList<>();
    if (text == null) {
      return map;
    }
    String[] words = text.toString().trim().split("\\s+");
    for (int i = 0; i + 2 < words.length; i += 3) {
      map.add(
          new IdExtent(
              (int) Long.parseLong(words[i]),
              (int) Long.parseLong(words[i + 1]),
              (int) Long.parseLong(words[i + 2])));
    }
    return map;
  }
}
