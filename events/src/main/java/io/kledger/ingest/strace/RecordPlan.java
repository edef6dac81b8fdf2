package io.kledger.ingest.strace;

import io.kledger.event.EventClasses;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/** How to build and print one record type, worked out from its schema once. */
final class RecordPlan {
  private static final Map<String, RecordPlan> PLANS = new HashMap<>();

  static {
    EventClasses.trust();
  }

  final Schema schema;
  final FieldPlan[] fields;

  /** The field that keeps members without a field; null if unknown members do not fit. */
  final FieldPlan rest;

  final FieldPlan abstractMark;
  private final Supplier<SpecificRecordBase> constructor;

  private RecordPlan(Schema schema) {
    this.schema = schema;
    fields = schema.getFields().stream().map(FieldPlan::new).toArray(FieldPlan[]::new);
    FieldPlan others = null;
    FieldPlan mark = null;
    for (FieldPlan field : fields) {
      others = field.rest ? field : others;
      mark = field.abstractMark ? field : mark;
    }
    rest = others;
    abstractMark = mark;
    constructor = constructor(EventClasses.MODEL.getClass(schema));
  }

  /** The plan of a record type. */
  static synchronized RecordPlan of(Schema schema) {
    RecordPlan plan = PLANS.get(schema.getFullName());
    if (plan == null) {
      plan = new RecordPlan(schema);
      PLANS.put(schema.getFullName(), plan);
    }
    return plan;
  }

  /** A record with all defaults. */
  SpecificRecordBase create() {
    SpecificRecordBase record = constructor.get();
    for (FieldPlan field : fields) {
      if (field.initial != null) {
        record.put(field.index, field.initial);
      }
    }
    return record;
  }

  /** The field with that label, null if there is none. */
  FieldPlan field(Value.Named member) {
    for (FieldPlan field : fields) {
      if (member.isNamed(field.label)) {
        return field.positional() ? field : null;
      }
    }
    return null;
  }

  /** Calls the constructor directly: reflection for each record would cost more than parsing it. */
  @SuppressWarnings("unchecked")
  private static Supplier<SpecificRecordBase> constructor(Class<?> type) {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      MethodHandle handle = lookup.findConstructor(type, MethodType.methodType(void.class));
      return (Supplier<SpecificRecordBase>)
          LambdaMetafactory.metafactory(
                  lookup,
                  "get",
                  MethodType.methodType(Supplier.class),
                  MethodType.methodType(Object.class),
                  handle,
                  MethodType.methodType(type))
              .getTarget()
              .invoke();
    } catch (Throwable e) {
      throw new LinkageError("no constructor of " + type, e);
    }
  }
}
