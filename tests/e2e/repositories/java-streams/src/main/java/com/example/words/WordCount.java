package com.example.words;

import java.util.Arrays;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;

/** Counts the words of the topic {@code lines}. */
final class WordCount {
  static final String LINES = "lines";
  static final String STORE = "counts";

  private WordCount() {}

  static Topology topology() {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(LINES, Consumed.with(Serdes.String(), Serdes.String()))
        .flatMapValues(line -> Arrays.asList(line.toLowerCase().split("\\W+")))
        .filter((key, word) -> !word.isEmpty())
        .groupBy((key, word) -> word, Grouped.with(Serdes.String(), Serdes.String()))
        .count(Materialized.as(STORE));
    return builder.build();
  }
}
