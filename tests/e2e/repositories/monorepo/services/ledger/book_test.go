package main

import "testing"

func TestNewestPriceIsKept(t *testing.T) {
	book := NewBook()
	for _, text := range []string{`{"id":"a","cents":100}`, `{"id":"a","cents":90}`} {
		if err := book.Add([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := book.Find("a"); got.Cents != 90 {
		t.Errorf("price of a = %d, want 90", got.Cents)
	}
}

func TestWhatCostsNothingIsLeftOut(t *testing.T) {
	if err := NewBook().Add([]byte(`{"id":"a","cents":0}`)); err == nil {
		t.Error("it was taken")
	}
}
