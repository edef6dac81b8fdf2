package io.kledger.projection.feed;

import io.kledger.event.avro.Event;
import io.kledger.event.avro.ExecveCall;
import io.kledger.event.avro.ExecveatCall;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.Text;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What of argv and environment of programs is not shown. The log keeps it, and the state is folded
 * from it: only what leaves the service is changed, lines of events and what filters look at alike.
 *
 * <p>Rules are separated by commas: {@code env:NAME} hides the value of a variable, where {@code *}
 * stands for anything; {@code arg:NAME} hides the value of an argument {@code NAME=VALUE}, and the
 * argument that follows one that is {@code NAME}; {@code env} and {@code arg} hide all of them.
 */
public final class Redaction {
  private static final String HIDDEN = "[redacted]";
  private static final Redaction NONE = new Redaction(List.of(), List.of());
  private static volatile Redaction current = NONE;

  private final List<Pattern> variables;
  private final List<Pattern> arguments;

  private Redaction(List<Pattern> variables, List<Pattern> arguments) {
    this.variables = variables;
    this.arguments = arguments;
  }

  /**
   * Understands rules.
   *
   * @throws IllegalArgumentException if they are not understood
   */
  public static Redaction parse(String rules) {
    List<Pattern> variables = new ArrayList<>();
    List<Pattern> arguments = new ArrayList<>();
    for (String rule : rules.split(",")) {
      String text = rule.strip();
      int colon = text.indexOf(':');
      String kind = colon < 0 ? text : text.substring(0, colon);
      String name = colon < 0 ? "*" : text.substring(colon + 1);
      if (!kind.equals("env") && !kind.equals("arg") || name.isEmpty()) {
        throw new IllegalArgumentException(
            "'"
                + text
                + "' is no rule of redaction: expected env:NAME or arg:NAME, such as"
                + " env:*TOKEN*,arg:--password");
      }
      (kind.equals("env") ? variables : arguments).add(glob(name));
    }
    return new Redaction(variables, arguments);
  }

  private static Pattern glob(String name) {
    try {
      return Pattern.compile(
          "\\Q" + name.replace("\\E", "").replace("*", "\\E.*\\Q") + "\\E",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("'" + name + "' is no name", e);
    }
  }

  /** These rules hold from now on. */
  public static void use(Redaction rules) {
    current = rules == null ? NONE : rules;
  }

  /** The event as it may be shown: the same, if nothing of it is hidden. */
  public static Event shown(Event event) {
    Redaction rules = current;
    return rules == NONE || !(event.getBody() instanceof Syscall call)
        ? event
        : rules.apply(event, call);
  }

  Event apply(Event event, Syscall call) {
    Object hidden =
        switch (call.getCall()) {
          case ExecveCall exec ->
              new ExecveCall(exec.getPath(), arguments(exec.getArgv()), variables(exec.getEnvp()));
          case ExecveatCall exec ->
              new ExecveatCall(
                  exec.getDirfd(),
                  exec.getPath(),
                  arguments(exec.getArgv()),
                  variables(exec.getEnvp()),
                  exec.getFlags());
          case OpaqueCall opaque when opaque.getName().startsWith("exec") ->
              new OpaqueCall(opaque.getName(), bytes(HIDDEN), opaque.getReason());
          default -> null;
        };
    if (hidden == null) {
      return event;
    }
    Syscall shown = Syscall.newBuilder(call).setCall(hidden).build();
    return Event.newBuilder(event).setBody(shown).build();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String text(Text text) {
    return StandardCharsets.ISO_8859_1.decode(text.getValue().duplicate()).toString();
  }

  private static Text with(Text text, String shown) {
    return Text.newBuilder(text).setValue(bytes(shown)).build();
  }

  private static boolean matches(List<Pattern> patterns, String name) {
    for (Pattern pattern : patterns) {
      Matcher matcher = pattern.matcher(name);
      if (matcher.matches()) {
        return true;
      }
    }
    return false;
  }

  private List<Text> variables(List<Text> envp) {
    if (envp == null || variables.isEmpty()) {
      return envp;
    }
    List<Text> shown = new ArrayList<>();
    for (Text variable : envp) {
      String text = text(variable);
      int equals = text.indexOf('=');
      String name = equals < 0 ? text : text.substring(0, equals);
      shown.add(matches(variables, name) ? with(variable, name + "=" + HIDDEN) : variable);
    }
    return shown;
  }

  /** The program's own name, argv[0], stays. */
  private List<Text> arguments(List<Text> argv) {
    if (argv == null || arguments.isEmpty()) {
      return argv;
    }
    List<Text> shown = new ArrayList<>();
    boolean follows = false;
    for (Text argument : argv) {
      String text = text(argument);
      int equals = text.indexOf('=');
      boolean named = !shown.isEmpty() && matches(arguments, text);
      if (shown.isEmpty()) {
        shown.add(argument);
      } else if (follows) {
        shown.add(with(argument, HIDDEN));
      } else if (equals > 0 && matches(arguments, text.substring(0, equals))) {
        shown.add(with(argument, text.substring(0, equals + 1) + HIDDEN));
      } else {
        shown.add(argument);
      }
      follows = named && !follows || all();
    }
    return shown;
  }

  private boolean all() {
    return matches(arguments, "");
  }
}
