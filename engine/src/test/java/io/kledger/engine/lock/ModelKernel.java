package io.kledger.engine.lock;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.engine.Result;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Environment;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.KernelProfile;
import io.kledger.event.avro.ModelMachine;
import io.kledger.event.avro.OpenatCall;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** The engine as a kernel, fed with calls. */
final class ModelKernel {
  final KernelState state = new KernelState();
  private final Engine engine = Engines.create(state);
  private long position;

  ModelKernel(String file) {
    fold(0, new ModelMachine("model"));
    fold(0, new KernelProfile("6.18", "x86_64", List.of()));
    fold(0, new Environment("file", List.of(Bytes.of(file).toBuffer()), List.of()));
  }

  private Result fold(int tid, Object body) {
    Event event =
        Event.newBuilder()
            .setPosition(++position)
            .setMonotonic(position * 1000)
            .setTid(tid)
            .setSource(0)
            .setLine(0)
            .setBody(body)
            .build();
    return engine.fold(event).predicted();
  }

  /** What the call returns. */
  Result call(int tid, SpecificRecord call) {
    return fold(
        tid, Syscall.newBuilder().setPhase(Phase.WHOLE).setCall(call).setSimulated(true).build());
  }

  /** The return of a call that waited. */
  Result returns(int tid, SpecificRecord call) {
    return fold(
        tid,
        Syscall.newBuilder().setPhase(Phase.RETURNED).setCall(call).setSimulated(true).build());
  }

  /** Opens for reading and writing; returns the number. */
  int open(int tid, String path) {
    Result result =
        call(
            tid,
            new OpenatCall(fd(-100), new Text(Bytes.of(path).toBuffer(), false, null), 2L, null));
    return (int) ((Result.Done) result).value();
  }

  static Fd fd(int number) {
    return Fd.newBuilder().setNumber(number).build();
  }
}
