package com.example.words;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.Test;

class WordCountTest {
  @Test
  void countsWordsWhateverTheirCase() {
    try (TopologyTestDriver driver = new TopologyTestDriver(WordCount.topology(), settings())) {
      var lines =
          driver.createInputTopic(WordCount.LINES, new StringSerializer(), new StringSerializer());
      lines.pipeInput("The quick brown fox");
      lines.pipeInput("jumps over the dog");
      var counts = driver.getKeyValueStore(WordCount.STORE);
      assertEquals(2L, counts.get("the"));
      assertEquals(1L, counts.get("fox"));
    }
  }

  private static Properties settings() {
    Properties settings = new Properties();
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.String().getClass());
    return settings;
  }
}
