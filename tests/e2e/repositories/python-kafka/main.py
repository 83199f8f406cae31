"""Reads orders from Kafka and answers how much was ordered of what."""

import asyncio
import json
import os
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from fastapi import FastAPI, status
from pydantic import BaseModel

from orders.totals import Totals

TOPIC = "orders"
BROKERS = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

totals = Totals()


async def consume() -> None:
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=BROKERS,
        group_id="totals",
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async for message in consumer:
            totals.add(json.loads(message.value))
    finally:
        await consumer.stop()


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.producer = AIOKafkaProducer(bootstrap_servers=BROKERS)
    await app.state.producer.start()
    consuming = asyncio.create_task(consume())
    yield
    consuming.cancel()
    await app.state.producer.stop()


app = FastAPI(title="orders", lifespan=lifespan)


class Order(BaseModel):
    item: str
    count: int


@app.get("/")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/orders", status_code=status.HTTP_202_ACCEPTED)
async def take(order: Order) -> None:
    await app.state.producer.send_and_wait(TOPIC, order.model_dump_json().encode())


@app.get("/totals")
def get_totals() -> dict[str, int]:
    return totals.by_item()
