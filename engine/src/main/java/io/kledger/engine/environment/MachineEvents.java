package io.kledger.engine.environment;

import io.kledger.engine.CallContext;
import io.kledger.event.avro.Environment;
import io.kledger.event.avro.KernelProfile;
import io.kledger.event.avro.ModelVersion;
import io.kledger.event.avro.Setting;
import io.kledger.kernel.Machine;
import io.kledger.kernel.Tables;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What is true of the machine as a whole: which kernel, which limits. */
final class MachineEvents {
  private MachineEvents() {}

  static Machine machine(CallContext context) {
    Machine machine = context.state().machine.get(1);
    return machine == null ? Machine.unknown() : machine;
  }

  static void profile(CallContext context, KernelProfile body) {
    Machine old = machine(context);
    List<String> on = new ArrayList<>();
    List<String> off = new ArrayList<>();
    for (Setting feature : body.getFeatures()) {
      String value = StandardCharsets.UTF_8.decode(feature.getValue().duplicate()).toString();
      (value.equals("off") ? off : on).add(feature.getKey());
    }
    context.put(
        Tables.MACHINE,
        new Machine(
            1,
            body.getName(),
            on,
            off,
            old.model(),
            old.host(),
            old.modelVersion(),
            old.settings()));
  }

  static void version(CallContext context, ModelVersion body) {
    Machine old = machine(context);
    context.put(
        Tables.MACHINE,
        new Machine(
            1,
            old.profile(),
            old.featuresOn(),
            old.featuresOff(),
            old.model(),
            old.host(),
            body.getVersion(),
            old.settings()));
  }

  /** `@sysctl NAME=VALUE`: the assignment is one word, or a setting. */
  static void sysctl(CallContext context, Environment body) {
    Machine old = machine(context);
    TreeMap<String, String> settings = new TreeMap<>();
    old.settings().forEach(line -> assign(settings, line));
    Words words = new Words(body);
    for (int i = 0; words.has(i); i++) {
      assign(settings, words.word(i));
    }
    for (Setting setting : body.getSettings()) {
      settings.put(
          setting.getKey(),
          StandardCharsets.UTF_8.decode(setting.getValue().duplicate()).toString());
    }
    List<String> lines = new ArrayList<>();
    settings.forEach((name, value) -> lines.add(name + "=" + value));
    context.put(
        Tables.MACHINE,
        new Machine(
            1,
            old.profile(),
            old.featuresOn(),
            old.featuresOff(),
            old.model(),
            old.host(),
            old.modelVersion(),
            lines));
  }

  /** The value of a kernel setting. */
  static String setting(CallContext context, String name, String otherwise) {
    TreeMap<String, String> settings = new TreeMap<>();
    machine(context).settings().forEach(line -> assign(settings, line));
    return settings.getOrDefault(name, otherwise);
  }

  private static void assign(TreeMap<String, String> settings, String line) {
    int equals = line.indexOf('=');
    if (equals > 0) {
      settings.put(line.substring(0, equals), line.substring(equals + 1));
    }
  }
}
