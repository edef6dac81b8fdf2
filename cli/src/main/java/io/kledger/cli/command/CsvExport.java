package io.kledger.cli.command;

import io.kledger.cli.render.Plain;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Syscall;
import io.kledger.filter.EventFields;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.log.Cursor;
import java.io.PrintWriter;

/** Events as comma-separated values, RFC 4180, a heading first. */
final class CsvExport {
  private CsvExport() {}

  /** Writes the events from the cursor's position to {@code last}. */
  static void write(Cursor cursor, long last, PrintWriter out) {
    out.print("position,time,tid,type,result,errno,source,line,text\r\n");
    for (Event event = cursor.next();
        event != null && event.getPosition() <= last;
        event = cursor.next()) {
      Outcome outcome = event.getBody() instanceof Syscall call ? call.getOutcome() : null;
      boolean known = outcome != null && !outcome.getUnknown();
      out.print(
          event.getPosition()
              + ","
              + (event.getRealtime() == 0 ? "" : EventFields.time(event.getRealtime()))
              + ","
              + event.getTid()
              + ","
              + cell(EventFields.type(event))
              + ","
              + (known ? Long.toString(outcome.getValue()) : "")
              + ","
              + (known && outcome.getError() != 0 ? Integer.toString(outcome.getError()) : "")
              + ","
              + event.getSource()
              + ","
              + event.getLine()
              + ","
              + cell(Plain.safe(EventRenderer.line(event)))
              + "\r\n");
    }
    out.flush();
  }

  /** Quoted where it must be; never a formula of a spreadsheet. */
  static String cell(String text) {
    String safe = text.matches("(?s)[=+@-].*") ? "'" + text : text;
    boolean plain = safe.chars().noneMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
    return plain ? safe : '"' + safe.replace("\"", "\"\"") + '"';
  }
}
