package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"
)

// Price is what an order costs.
type Price struct {
	ID    string `json:"id"`
	Cents int    `json:"cents"`
}

// Book holds the newest price of each order.
type Book struct {
	mu     sync.RWMutex
	prices map[string]Price
}

// NewBook is empty.
func NewBook() *Book {
	return &Book{prices: map[string]Price{}}
}

// Add takes a price in JSON; a newer one replaces an older one.
func (b *Book) Add(data []byte) error {
	var price Price
	if err := json.Unmarshal(data, &price); err != nil {
		return err
	}
	if price.ID == "" || price.Cents <= 0 {
		return errors.New("no id, or nothing to pay")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.prices[price.ID] = price
	return nil
}

// Find is false when there is no such order.
func (b *Book) Find(id string) (Price, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	price, ok := b.prices[id]
	return price, ok
}

func routes(book *Book) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("ledger\n"))
	})
	mux.HandleFunc("GET /prices/{id}", func(w http.ResponseWriter, r *http.Request) {
		price, ok := book.Find(r.PathValue("id"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(price)
	})
	return mux
}
