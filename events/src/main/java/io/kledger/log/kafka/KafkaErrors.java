package io.kledger.log.kafka;

import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;

/** What Kafka's clients throw, said so that an operator knows what to do. */
public final class KafkaErrors {

  private KafkaErrors() {}

  /**
   * The error to show.
   *
   * @param uri the ledger
   * @param doing what failed: "open", "append to machine web-1"
   */
  public static LogException of(LedgerUri.Kafka uri, String doing, Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      var known = known(uri, doing, cause, failure);
      if (known != null) {
        return known;
      }
    }
    return new LogException.Failed(
        "cannot " + doing + " in " + uri + ": " + innermost(failure), failure);
  }

  private static LogException known(
      LedgerUri.Kafka uri, String doing, Throwable cause, Throwable failure) {
    return switch (cause) {
      case LogException said -> said;
      case ProducerFencedException fenced -> taken(uri, doing);
      case InvalidProducerEpochException fenced -> taken(uri, doing);
      case AuthenticationException refused ->
          new LogException.Failed(
              "cannot "
                  + doing
                  + ": the broker at "
                  + uri.bootstrap()
                  + " and this client do not accept each other: "
                  + refused.getMessage()
                  + "; check security.protocol and the sasl.* and ssl.* properties in the file of"
                  + " --kafka-config",
              failure);
      case AuthorizationException refused ->
          new LogException.Failed(
              "cannot "
                  + doing
                  + " in "
                  + uri
                  + ": "
                  + refused.getMessage()
                  + "; grant this user read, write, describe and create on the topics "
                  + uri.prefix()
                  + ".* and the transactional ids "
                  + uri.prefix()
                  + ".*",
              failure);
      case NotEnoughReplicasException few ->
          new LogException.Failed(
              "cannot "
                  + doing
                  + " in "
                  + uri
                  + ": fewer replicas are in sync than min.insync.replicas demands; start the"
                  + " brokers that are down",
              failure);
      case RecordTooLargeException large ->
          new LogException.Failed(
              "cannot "
                  + doing
                  + " in "
                  + uri
                  + ": "
                  + large.getMessage()
                  + "; raise max.message.bytes of the topic and max.request.size of the client",
              failure);
      case TimeoutException late ->
          new LogException.Failed(
              "cannot "
                  + doing
                  + ": no answer from Kafka at "
                  + uri.bootstrap()
                  + " ("
                  + late.getMessage()
                  + "); is it running, and reachable under this name? For a broker that wants TLS or"
                  + " SASL, give the client's properties with --kafka-config; to try it out, start"
                  + " one with 'kledger dev-broker'",
              failure);
      case ConfigException wrong ->
          new LogException.BadUri(
              "Kafka's client refuses its configuration for " + uri + ": " + wrong.getMessage());
      default -> null;
    };
  }

  private static LogException taken(LedgerUri.Kafka uri, String doing) {
    return new LogException.Locked(
        "cannot "
            + doing
            + " in "
            + uri
            + ": another process began to write there and has taken over; events that were"
            + " acknowledged are safe",
        -1);
  }

  private static String innermost(Throwable failure) {
    var cause = failure;
    while (cause.getCause() != null
        && (cause instanceof ExecutionException
            || cause instanceof CompletionException
            || cause.getClass() == KafkaException.class)) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
