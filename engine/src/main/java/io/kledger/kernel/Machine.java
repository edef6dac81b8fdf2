package io.kledger.kernel;

import io.kledger.store.Row;
import java.util.List;

/**
 * What is true of the machine as a whole. There is one row, key 1.
 *
 * @param profile name of the kernel profile
 * @param featuresOn slugs switched on besides what the profile has
 * @param featuresOff slugs switched off
 * @param model true for the model machine of the scenario format: nothing exists but what was
 *     declared, so what is not found does not exist
 * @param settings sysctls and the like, `name=value`, ordered by name
 */
public record Machine(
    long key,
    String profile,
    List<String> featuresOn,
    List<String> featuresOff,
    boolean model,
    String host,
    int modelVersion,
    List<String> settings)
    implements Row {
  public Machine {
    featuresOn = List.copyOf(featuresOn);
    featuresOff = List.copyOf(featuresOff);
    settings = List.copyOf(settings);
  }

  /** The value of a setting; null if it was not given. */
  public String setting(String name) {
    for (String line : settings) {
      if (line.startsWith(name) && line.startsWith("=", name.length())) {
        return line.substring(name.length() + 1);
      }
    }
    return null;
  }

  /** A machine of which nothing is known yet. */
  public static Machine unknown() {
    return new Machine(1, "6.18", List.of(), List.of(), false, "", 1, List.of());
  }
}
