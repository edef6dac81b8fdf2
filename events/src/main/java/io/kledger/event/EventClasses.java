package io.kledger.event;

import io.kledger.event.avro.Event;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Allows Avro to make instances of the event classes: its builders fill in defaults by way of the
 * schema, and Avro refuses classes that nobody has vouched for.
 */
public final class EventClasses {
  /**
   * Finds the event classes beside this one. {@link SpecificData#get()} remembers those of
   * whichever class loader came first; a service in tests, or one that is reloaded, has several.
   */
  public static final SpecificData MODEL = new SpecificData(EventClasses.class.getClassLoader());

  private static final String PACKAGE = Event.class.getPackageName();

  static {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.DEFAULT, type -> type.getPackageName().equals(PACKAGE)));
  }

  private EventClasses() {}

  /** To be called before an event is built with a builder; costs nothing the second time. */
  public static void trust() {
    // the work is done when the class is initialized
  }
}
