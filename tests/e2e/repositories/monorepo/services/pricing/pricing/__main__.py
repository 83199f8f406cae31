"""Reads orders, writes what they cost."""

import json
import os

from confluent_kafka import Consumer, Producer

from pricing.prices import price_of

BROKERS = os.environ.get("KAFKA_BROKERS", "localhost:9092")


def main() -> None:
    consumer = Consumer(
        {"bootstrap.servers": BROKERS, "group.id": "pricing", "auto.offset.reset": "earliest"}
    )
    producer = Producer({"bootstrap.servers": BROKERS})
    consumer.subscribe(["orders"])
    print("pricing reads orders", flush=True)
    while True:
        message = consumer.poll(1.0)
        if message is None or message.error():
            continue
        order = json.loads(message.value())
        price = {"id": order["id"], "cents": price_of(order["item"], order["count"])}
        producer.produce("prices", key=order["id"], value=json.dumps(price))
        producer.flush()


if __name__ == "__main__":
    main()
