package io.kledger.engine;

import io.kledger.event.avro.OpaqueCall;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/** Which calls the engine knows and how well: the coverage page is made from it. */
public final class SyscallTable {
  /** How well a call is modelled. */
  public enum Support {
    /** Every rule that the catalogue has. */
    FULL,
    /** What the note says is missing. */
    PARTIAL
  }

  /** One call. */
  public record Entry<C extends SpecificRecord>(
      Class<C> type, Support support, String note, Handler<C> handler) {}

  /** Collects entries; each family of calls adds its own. */
  public static final class Builder {
    private final Map<Class<?>, Entry<?>> entries = new LinkedHashMap<>();
    private final Map<Class<?>, BodyHandler<?>> bodies = new LinkedHashMap<>();
    private final Map<String, BodyHandler<OpaqueCall>> opaque = new LinkedHashMap<>();
    private Clockwork clockwork = (context, now) -> {};

    public <C extends SpecificRecord> Builder full(Class<C> type, Handler<C> handler) {
      return add(new Entry<>(type, Support.FULL, "", handler));
    }

    public <C extends SpecificRecord> Builder partial(
        Class<C> type, String missing, Handler<C> handler) {
      return add(new Entry<>(type, Support.PARTIAL, missing, handler));
    }

    /** The handler of a call that was added, or null. */
    @SuppressWarnings("unchecked")
    public Handler<SpecificRecord> find(Class<?> type) {
      Entry<?> entry = entries.get(type);
      return entry == null ? null : (Handler<SpecificRecord>) entry.handler();
    }

    /** What time brings about. */
    public Builder clockwork(Clockwork rules) {
      clockwork = rules;
      return this;
    }

    /** The rules for events that are not calls. */
    public <B extends SpecificRecord> Builder body(Class<B> type, BodyHandler<B> handler) {
      if (bodies.put(type, handler) != null) {
        throw new IllegalStateException("two handlers for " + type.getSimpleName());
      }
      return this;
    }

    /** What is certain of a call that took effect though the log has only its numbers. */
    public Builder opaque(String name, BodyHandler<OpaqueCall> handler) {
      if (opaque.put(name, handler) != null) {
        throw new IllegalStateException("two handlers for " + name);
      }
      return this;
    }

    public SyscallTable build() {
      return new SyscallTable(this);
    }

    private Builder add(Entry<?> entry) {
      if (entries.put(entry.type(), entry) != null) {
        throw new IllegalStateException("two handlers for " + entry.type().getSimpleName());
      }
      return this;
    }
  }

  private final Map<Class<?>, Entry<?>> entries;
  private final Map<Class<?>, BodyHandler<?>> bodies;
  private final Map<String, BodyHandler<OpaqueCall>> opaque;
  private final Clockwork clockwork;

  private SyscallTable(Builder builder) {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(builder.entries));
    bodies = Collections.unmodifiableMap(new LinkedHashMap<>(builder.bodies));
    opaque = Collections.unmodifiableMap(new LinkedHashMap<>(builder.opaque));
    clockwork = builder.clockwork;
  }

  /** What time brings about. */
  Clockwork clockwork() {
    return clockwork;
  }

  /** The handler of a call, or null. */
  @SuppressWarnings("unchecked")
  Handler<SpecificRecord> handler(Class<?> type) {
    Entry<?> entry = entries.get(type);
    return entry == null ? null : (Handler<SpecificRecord>) entry.handler();
  }

  /** The handler of a call of which only numbers are known, or null. */
  BodyHandler<OpaqueCall> opaque(String name) {
    return opaque.get(name);
  }

  /** The handler of another event, or null. */
  @SuppressWarnings("unchecked")
  BodyHandler<SpecificRecord> body(Class<?> type) {
    return (BodyHandler<SpecificRecord>) bodies.get(type);
  }

  /** All calls that have a handler, family by family. */
  public List<Entry<?>> entries() {
    return new ArrayList<>(entries.values());
  }
}
