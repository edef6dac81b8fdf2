package io.kledger.engine.syscall;

import io.kledger.engine.SyscallTable;
import io.kledger.engine.environment.EnvironmentCalls;
import io.kledger.engine.observe.Observations;
import io.kledger.engine.time.Expiry;

/** All families of calls. */
public final class Syscalls {
  private static final SyscallTable TABLE = build();

  private Syscalls() {}

  /** The rules for every call and every other event. */
  public static SyscallTable table() {
    return TABLE;
  }

  private static SyscallTable build() {
    SyscallTable.Builder table = new SyscallTable.Builder();
    Observations.register(table);
    EnvironmentCalls.register(table);
    CloneCalls.register(table);
    ExecCalls.register(table);
    ExitCalls.register(table);
    WaitCalls.register(table);
    IdentCalls.register(table);
    CredentialCalls.register(table);
    CapabilityCalls.register(table);
    PrctlCalls.register(table);
    SignalCalls.register(table);
    PidfdCalls.register(table);
    ProcessCalls.register(table);
    NamespaceCalls.register(table);
    IoctlCalls.register(table);
    KeyCalls.register(table);
    HandleCalls.register(table);
    MountCalls.register(table);
    QuotaCalls.register(table);
    FdCalls.register(table);
    CloseCalls.register(table);
    AnonFdCalls.register(table);
    IoCalls.register(table);
    VectorCalls.register(table);
    SeekCalls.register(table);
    CopyCalls.register(table);
    PollCalls.register(table);
    EpollCalls.register(table);
    InotifyCalls.register(table);
    FanotifyCalls.register(table);
    FcntlCalls.register(table);
    LockCalls.register(table);
    OpenCalls.register(table);
    CreateCalls.register(table);
    CreateOpenCalls.register(table);
    RemoveCalls.register(table);
    RenameCalls.register(table);
    StatCalls.register(table);
    AccessCalls.register(table);
    AttributeCalls.register(table);
    XattrCalls.register(table);
    CwdCalls.register(table);
    ClockCalls.register(table);
    UringCalls.register(table);
    SocketCalls.register(table);
    ConnectCalls.register(table);
    SendCalls.register(table);
    ReceiveCalls.register(table);
    table.clockwork(Expiry::run);
    return table.build();
  }
}
