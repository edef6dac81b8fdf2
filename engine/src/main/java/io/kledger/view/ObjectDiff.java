package io.kledger.view;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Which objects differ between two states, and in what. */
public final class ObjectDiff {
  private ObjectDiff() {}

  /**
   * An object that differs. Values that are the same in both are left out.
   *
   * @param before null if it was not there
   * @param after null if it is not there
   * @param since the event that made it as it is afterwards (or was before, if it is gone); null if
   *     that is not known
   */
  public record Changed(
      String concept,
      String name,
      Map<String, Object> before,
      Map<String, Object> after,
      Long since) {
    /** {@code mount /mnt in mnt:[4026531841]}. */
    public String title() {
      return concept + " " + name;
    }
  }

  /** The objects that differ: in the order of what is there now, then what is gone. */
  public static List<Changed> between(
      List<StateObjects.Thing> before, List<StateObjects.Thing> after) {
    Map<String, StateObjects.Thing> left = byId(before);
    Map<String, StateObjects.Thing> right = byId(after);
    List<Changed> result = new ArrayList<>();
    right.forEach(
        (id, is) -> {
          StateObjects.Thing was = left.get(id);
          if (was == null) {
            result.add(new Changed(is.concept(), is.name(), null, said(is.values()), is.since()));
          } else if (!was.values().equals(is.values())) {
            result.add(changed(was, is));
          }
        });
    left.forEach(
        (id, was) -> {
          if (!right.containsKey(id)) {
            result.add(
                new Changed(was.concept(), was.name(), said(was.values()), null, was.since()));
          }
        });
    return result;
  }

  private static Changed changed(StateObjects.Thing was, StateObjects.Thing is) {
    Map<String, Object> before = new LinkedHashMap<>();
    Map<String, Object> after = new LinkedHashMap<>();
    is.values()
        .forEach(
            (column, value) -> {
              Object old = was.values().get(column);
              if (!Objects.equals(old, value)) {
                before.put(column, old);
                after.put(column, value);
              }
            });
    return new Changed(is.concept(), is.name(), before, after, is.since());
  }

  /** Without what is not known, false or empty: nobody asks for what a new object is not. */
  private static Map<String, Object> said(Map<String, Object> values) {
    Map<String, Object> said = new LinkedHashMap<>();
    values.forEach(
        (column, value) -> {
          boolean empty =
              value == null
                  || Boolean.FALSE.equals(value)
                  || value instanceof List<?> list && list.isEmpty();
          if (!empty) {
            said.put(column, value);
          }
        });
    return said;
  }

  private static Map<String, StateObjects.Thing> byId(List<StateObjects.Thing> things) {
    Map<String, StateObjects.Thing> map = new LinkedHashMap<>();
    things.forEach(thing -> map.put(thing.concept() + " " + thing.id(), thing));
    return map;
  }
}
