package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.InFlight;
import io.kledger.kernel.file.SocketMessage;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** Who refers to an open file description. */
final class Holders {
  private Holders() {}

  /**
   * {@code TGID:FD} of every process whose table has it, by process and number; then {@code
   * message:INODE} for each message on the way to the socket of that inode number.
   */
  static List<Object> of(KernelState state, long description) {
    TreeMap<Integer, TreeSet<Integer>> found = new TreeMap<>();
    for (long key : state.fdsByDescription.keys(description)) {
      FdSlot slot = state.fds.require(key);
      for (long task : state.tasksByFiles.keys(slot.table())) {
        int tgid = Tasks.tgid(state, state.tasks.require(task));
        found.computeIfAbsent(tgid, t -> new TreeSet<>()).add(slot.fd());
      }
    }
    List<Object> holders = new ArrayList<>();
    found.forEach((tgid, fds) -> fds.forEach(fd -> holders.add(tgid + ":" + fd)));
    for (long key : state.inFlightByDescription.keys(description)) {
      InFlight flight = state.inFlight.require(key);
      SocketMessage message = state.messages.get(flight.message());
      if (message != null) {
        holders.add("message:" + Sockets.number(state, message.socket()));
      }
    }
    return holders;
  }

  /** Whether a task's table has it; true for no task. */
  static boolean has(KernelState state, long description, Task task) {
    if (task == null) {
      return true;
    }
    for (long key : state.fdsByDescription.keys(description)) {
      if (state.fds.require(key).table() == task.files() && task.files() != 0) {
        return true;
      }
    }
    return false;
  }
}
