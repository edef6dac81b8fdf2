package io.kledger.cli.render;

import io.kledger.view.ObjectDiff;
import io.kledger.view.StateObjects;
import java.util.Map;

/** Prints objects that differ, one line each. */
public final class Objects {
  private Objects() {}

  /** {@code + mount /mnt in mnt:[1]: SOURCE=tmpfs}, {@code ~ fd 7:3: FLAGS a -> b}. */
  public static String line(ObjectDiff.Changed changed) {
    StringBuilder text = new StringBuilder(sign(changed));
    text.append(' ').append(Plain.safe(changed.title()));
    String separator = ": ";
    if (changed.before() == null || changed.after() == null) {
      Map<String, Object> values = changed.after() == null ? changed.before() : changed.after();
      for (Map.Entry<String, Object> value : values.entrySet()) {
        if (!StateObjects.NUMBERS.contains(value.getKey()) && !value.getKey().equals("TARGET")) {
          text.append(separator).append(value.getKey()).append('=').append(cell(value.getValue()));
          separator = " ";
        }
      }
      return text.toString();
    }
    for (Map.Entry<String, Object> value : changed.after().entrySet()) {
      text.append(separator).append(value.getKey()).append(' ');
      text.append(cell(changed.before().get(value.getKey())));
      text.append(" -> ").append(cell(value.getValue()));
      separator = ", ";
    }
    return text.toString();
  }

  /** Whether it is new, gone or different. */
  public static String sign(ObjectDiff.Changed changed) {
    return changed.before() == null ? "+" : changed.after() == null ? "-" : "~";
  }

  private static String cell(Object value) {
    String text = Plain.cell(value);
    return text.isEmpty() ? "-" : text.indexOf(' ') < 0 ? text : "\"" + text + "\"";
  }
}
