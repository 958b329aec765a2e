"""A loop over aio-pika with a trivial match; prints documents per second and microseconds of CPU per document."""

import asyncio
import sys
import time

import aio_pika


async def main(url, documents, events, prefetch, size, routing_key):
    publishing, consuming = await aio_pika.connect(url), await aio_pika.connect(url)
    publisher = await publishing.channel(publisher_confirms=True)
    exchange = await publisher.get_exchange("dateline.events", ensure=False)
    consumer = await consuming.channel()
    await consumer.set_qos(prefetch_count=prefetch)
    queue = await consumer.get_queue("dateline.documents", ensure=False)
    done, left = asyncio.Event(), documents

    async def handle(message):
        nonlocal left
        found = b"Germany" in message.body
        body = (b"1" if found else b"0") * size
        for _ in range(events):
            event = aio_pika.Message(body, delivery_mode=2, message_id=message.message_id)
            await exchange.publish(event, routing_key, mandatory=True)
        await message.ack()
        left -= 1
        if left == 0:
            done.set()

    began, cpu = time.monotonic(), time.process_time()
    await queue.consume(handle)
    await done.wait()
    took, cpu = time.monotonic() - began, time.process_time() - cpu
    print(documents / took, cpu / documents * 1e6)
    await consuming.close()
    await publishing.close()


url, documents, events, prefetch, size, routing_key = sys.argv[1:]
asyncio.run(main(url, int(documents), int(events), int(prefetch), int(size), routing_key))
