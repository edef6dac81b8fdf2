package io.kledger.engine.mount;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.engine.Result;
import io.kledger.engine.file.PathWalk;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.MkdirCall;
import io.kledger.event.avro.ModelMachine;
import io.kledger.event.avro.MountCall;
import io.kledger.event.avro.MoveMountCall;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.Text;
import io.kledger.event.avro.Umount2Call;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.view.FileViews;
import io.kledger.view.MountInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A model machine whose task 1 mounts. */
final class MountBench {
  static final int DETACH = 2;

  final KernelState state = new KernelState();
  private final Engine engine = Engines.create(state);
  private long position;

  MountBench() {
    fold(ModelMachine.newBuilder().build());
  }

  Result mount(String source, String target, String type, long flags) {
    return call(
        MountCall.newBuilder()
            .setSource(text(source))
            .setTarget(text(target))
            .setFstype(text(type))
            .setFlags(flags)
            .build());
  }

  Result tmpfs(String name, String target) {
    return mount(name, target, "tmpfs", 0);
  }

  Result bind(String source, String target, boolean recursive) {
    return mount(source, target, null, MountFlags.BIND | (recursive ? MountFlags.REC : 0));
  }

  Result move(String source, String target) {
    return mount(source, target, null, MountFlags.MOVE);
  }

  Result moveBeneath(String source, String target) {
    return call(
        MoveMountCall.newBuilder()
            .setFromDirfd(new Fd(PathWalk.AT_FDCWD, null))
            .setFromPath(text(source))
            .setToDirfd(new Fd(PathWalk.AT_FDCWD, null))
            .setToPath(text(target))
            .setFlags(0x200)
            .build());
  }

  Result propagation(String target, long type) {
    return mount(null, target, null, type);
  }

  Result umount(String target, int flags) {
    return call(Umount2Call.newBuilder().setTarget(text(target)).setFlags(flags).build());
  }

  Result mkdir(String path) {
    return call(MkdirCall.newBuilder().setPath(text(path)).setMode(0755).build());
  }

  /** The mount on top at a path. */
  Mount at(String path) {
    Place place = FileViews.resolve(state, state.task(1), Bytes.of(path));
    return state.mounts.require(place.mount());
  }

  List<String> mountinfo() {
    return MountInfo.lines(state, state.task(1));
  }

  private static Text text(String value) {
    return value == null
        ? null
        : Text.newBuilder()
            .setValue(ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)))
            .build();
  }

  private Result call(Object call) {
    Syscall syscall =
        Syscall.newBuilder().setPhase(Phase.WHOLE).setCall(call).setSimulated(true).build();
    Event event = Event.newBuilder().setPosition(++position).setTid(1).setBody(syscall).build();
    return engine.fold(event).predicted();
  }

  private void fold(Object body) {
    engine.fold(Event.newBuilder().setPosition(++position).setBody(body).build());
  }
}
