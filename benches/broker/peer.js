// A loop over amqplib with a trivial match; prints documents per second and microseconds of CPU per document.
const amqp = require('amqplib');

async function main(url, documents, events, prefetch, size, routingKey) {
  const [publishing, consuming] = [await amqp.connect(url), await amqp.connect(url)];
  const publisher = await publishing.createConfirmChannel();
  const consumer = await consuming.createChannel();
  await consumer.prefetch(prefetch);
  let left = documents;
  const began = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  await new Promise((done) => {
    consumer.consume('dateline.documents', (message) => {
      const body = Buffer.alloc(size, message.content.includes('Germany') ? '1' : '0');
      const options = { persistent: true, mandatory: true, messageId: message.properties.messageId };
      let unconfirmed = events;
      for (let event = 0; event < events; event += 1) {
        publisher.publish('dateline.events', routingKey, body, options, () => {
          unconfirmed -= 1;
          if (unconfirmed > 0) return;
          consumer.ack(message);
          left -= 1;
          if (left === 0) done();
        });
      }
    });
  });
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  console.log(documents / seconds, (user + system) / documents);
  await consuming.close();
  await publishing.close();
}

const [url, documents, events, prefetch, size, routingKey] = process.argv.slice(2);
main(url, Number(documents), Number(events), Number(prefetch), Number(size), routingKey);
