// Command ledger keeps what orders cost, and answers it by HTTP.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/segmentio/kafka-go"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8081"
	}
	brokers := os.Getenv("KAFKA_BROKERS")
	if brokers == "" {
		brokers = "localhost:9092"
	}
	book := NewBook()
	go read(strings.Split(brokers, ","), book)
	log.Printf("ledger listens on :%s", port)
	log.Fatal(http.ListenAndServe(":"+port, routes(book)))
}

func read(brokers []string, book *Book) {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers:     brokers,
		Topic:       "prices",
		StartOffset: kafka.FirstOffset,
		MaxBytes:    1 << 20,
	})
	for {
		message, err := reader.ReadMessage(context.Background())
		if err != nil {
			log.Printf("cannot read prices: %v", err)
			continue
		}
		if err := book.Add(message.Value); err != nil {
			log.Printf("price at offset %d is left out: %v", message.Offset, err)
		}
	}
}
