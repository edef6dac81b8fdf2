package io.kledger.cli.command;

import io.kledger.engine.Engines;
import io.kledger.engine.KernelFeature;
import io.kledger.scenario.ScenarioException;
import io.kledger.scenario.ScenarioFiles;
import io.kledger.scenario.ScenarioParser;
import io.kledger.scenario.ScenarioReport;
import io.kledger.scenario.ScenarioRunner;
import io.kledger.view.Sheet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which scenarios of a folder the engine meets: all are run, none is left out. */
final class ScenarioStates {
  private static final int LONG = 160;

  /**
   * One scenario.
   *
   * @param name relative to the folder
   * @param line the first that differs; 0 if none
   * @param why what differs there; empty if nothing
   */
  record State(String name, long line, String why) {
    boolean passes() {
      return line == 0;
    }
  }

  private final List<State> states = new ArrayList<>();

  private ScenarioStates() {}

  /** Runs all scenarios below a folder. */
  static ScenarioStates of(Path folder) throws IOException {
    ScenarioStates result = new ScenarioStates();
    for (Path path : ScenarioFiles.under(folder)) {
      result.states.add(run(folder.relativize(path).toString(), path));
    }
    return result;
  }

  private static State run(String name, Path path) throws IOException {
    try {
      ScenarioReport report =
          ScenarioRunner.run(ScenarioParser.read(path), null, List.of(), Engines::create);
      if (report.passed()) {
        return new State(name, 0, "");
      }
      ScenarioReport.Difference first = report.differences().getFirst();
      String got = Texts.utf8(first.got());
      return new State(
          name, first.line(), got.length() > LONG ? got.substring(0, LONG) + "..." : got);
    } catch (ScenarioException e) {
      return new State(name, e.line(), e.getMessage());
    }
  }

  List<State> all() {
    return states;
  }

  long passing() {
    return states.stream().filter(State::passes).count();
  }

  /** {@code 3 of 4}: those of a feature that pass. */
  String of(KernelFeature feature) {
    String folder = "features/" + feature.id() + "-" + feature.slug() + "/";
    List<State> its = states.stream().filter(s -> s.name().startsWith(folder)).toList();
    return its.stream().filter(State::passes).count() + " of " + its.size();
  }

  Sheet sheet() {
    Sheet sheet = Sheet.of("SCENARIO", "STATE", "LINE", "GOT");
    for (State state : states) {
      sheet.row(
          state.name(),
          state.passes() ? "passes" : "not yet",
          state.passes() ? null : state.line(),
          state.why());
    }
    return sheet;
  }
}
