package com.example.words;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Takes lines by HTTP, sends them through Kafka, and answers how often a word was in them. */
public final class Application {
  private static final int PORT = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
  private static final String BROKERS =
      System.getenv().getOrDefault("KAFKA_BROKERS", "localhost:9092");

  public static void main(String[] args) throws IOException {
    KafkaStreams streams = new KafkaStreams(WordCount.topology(), settings());
    KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", BROKERS), new StringSerializer(), new StringSerializer());
    HttpServer server = HttpServer.create(new InetSocketAddress(PORT), 0);
    server.createContext("/lines", exchange -> take(exchange, producer));
    server.createContext("/words/", exchange -> count(exchange, streams));
    server.createContext("/", exchange -> answer(exchange, 200, "word count\n"));
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
    server.start();
    System.out.println("listening on " + PORT);
  }

  private static Properties settings() {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "word-count");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, BROKERS);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, "/tmp/word-count");
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.String().getClass());
    return settings;
  }

  private static void take(HttpExchange exchange, KafkaProducer<String, String> producer)
      throws IOException {
    String line = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    producer.send(new ProducerRecord<>(WordCount.LINES, line));
    producer.flush();
    answer(exchange, 202, "taken\n");
  }

  private static void count(HttpExchange exchange, KafkaStreams streams) throws IOException {
    if (streams.state() != KafkaStreams.State.RUNNING) {
      answer(exchange, 503, "the streams are " + streams.state() + "\n");
      return;
    }
    ReadOnlyKeyValueStore<String, Long> counts =
        streams.store(
            StoreQueryParameters.fromNameAndType(
                WordCount.STORE, QueryableStoreTypes.keyValueStore()));
    Long count = counts.get(exchange.getRequestURI().getPath().substring("/words/".length()));
    answer(exchange, 200, (count == null ? 0 : count) + "\n");
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
