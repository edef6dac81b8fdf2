package io.kledger.projection.http;

import io.kledger.projection.feed.Feeds;
import io.kledger.projection.feed.MachineFeed;
import io.kledger.projection.ledger.Ledgers;
import io.kledger.projection.ledger.ServedLedger;
import io.kledger.projection.ledger.Unavailable;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Figures for Prometheus, in its text format. */
@ApplicationScoped
public class MetricsRoute {
  @Inject Ledgers ledgers;
  @Inject Feeds feeds;
  @Inject Subscribers subscribers;

  void register(@Observes Router router) {
    router
        .get("/q/metrics")
        .order(-100)
        .blockingHandler(
            context ->
                context
                    .response()
                    .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                    .end(text()),
            false);
  }

  private String text() {
    StringBuilder out = new StringBuilder();
    List<ServedLedger.Status> machines = List.of();
    try {
      machines = ledgers.served().machines();
      gauge(out, "kledger_ledger_up", "Whether the ledger can be read.", 1);
    } catch (Unavailable e) {
      gauge(out, "kledger_ledger_up", "Whether the ledger can be read.", 0);
    }
    head(out, "kledger_log_events_total", "counter", "Events in the log.");
    machines.forEach(m -> row(out, "kledger_log_events_total", m.machine().name(), m.events()));
    head(out, "kledger_stored_position", "gauge", "Position that the stored state is at.");
    machines.forEach(m -> row(out, "kledger_stored_position", m.machine().name(), m.folded()));
    Map<String, MachineFeed> running = feeds.running();
    head(out, "kledger_feed_position", "gauge", "Position that the feed of changes is at.");
    running.forEach((name, feed) -> row(out, "kledger_feed_position", name, feed.position()));
    head(
        out,
        "kledger_divergences_total",
        "counter",
        "Calls whose observed result is not the predicted one.");
    running.forEach(
        (name, feed) ->
            feed.density()
                .divergences()
                .forEach(
                    (call, count) ->
                        row(out, "kledger_divergences_total", name, "call", call, count)));
    head(out, "kledger_gaps_total", "counter", "Places where events of a source are missing.");
    running.forEach(
        (name, feed) ->
            feed.density()
                .gaps()
                .forEach(
                    (source, count) ->
                        row(out, "kledger_gaps_total", name, "source", source, count)));
    head(out, "kledger_indexed_position", "gauge", "Position up to which events were counted.");
    running.forEach(
        (name, feed) -> row(out, "kledger_indexed_position", name, feed.density().events()));
    head(out, "kledger_fold_seconds_total", "counter", "Time spent folding live events.");
    running.forEach(
        (name, feed) ->
            out.append("kledger_fold_seconds_total{machine=\"")
                .append(name)
                .append("\"} ")
                .append(BigDecimal.valueOf(feed.foldNanos(), 9).toPlainString())
                .append('\n'));
    head(out, "kledger_fold_events_total", "counter", "Live events folded in that time.");
    running.forEach(
        (name, feed) -> row(out, "kledger_fold_events_total", name, feed.foldedEvents()));
    gauge(out, "kledger_subscribers", "Open subscriptions.", subscribers.count());
    gauge(
        out,
        "kledger_subscriber_lag_events",
        "Events that the slowest subscriber is behind.",
        subscribers.lag());
    head(out, "kledger_changes_sent_total", "counter", "Changes sent to subscribers.");
    out.append("kledger_changes_sent_total ").append(subscribers.sent()).append('\n');
    head(out, "kledger_subscribers_slow_total", "counter", "Subscribers disconnected as too slow.");
    out.append("kledger_subscribers_slow_total ").append(subscribers.disconnected()).append('\n');
    gauge(
        out,
        "process_uptime_seconds",
        "Time since the start.",
        ManagementFactory.getRuntimeMXBean().getUptime() / 1000);
    gauge(
        out,
        "process_memory_bytes",
        "Memory that the Java heap uses.",
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    return out.toString();
  }

  private static void gauge(StringBuilder out, String name, String help, long value) {
    head(out, name, "gauge", help);
    out.append(name).append(' ').append(value).append('\n');
  }

  private static void head(StringBuilder out, String name, String type, String help) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void row(
      StringBuilder out, String name, String machine, String label, String value, long count) {
    out.append(name).append("{machine=\"").append(machine).append("\",").append(label);
    out.append("=\"").append(value.replaceAll("[^A-Za-z0-9_.:-]", "_")).append("\"} ");
    out.append(count).append('\n');
  }

  private static void row(StringBuilder out, String name, String machine, long value) {
    // A machine's name has no character that would need an escape.
    out.append(name).append("{machine=\"").append(machine).append("\"} ").append(value);
    out.append('\n');
  }
}
