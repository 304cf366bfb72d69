import { StreamClient, pictureSource } from 'http://127.0.0.1:8080/underpaint.js';

const canvas = document.getElementById('canvas');
const picture = document.getElementById('picture');

const client = new StreamClient({ url: 'http://127.0.0.1:8080/', params: { prompt: 'mountains at sunset' } });
client.addEventListener('image', (event) => event.waitUntil(show(event.blob)));
client.connect(pictureSource(canvas));

canvas.addEventListener('click', (event) => {
  draw(event.offsetX, event.offsetY);
  client.changed();
});
draw(180, 70);

function draw(sunX, sunY) {
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#f4b860';
  pen.fillRect(0, 0, 256, 256);
  pen.fillStyle = '#fff1c4';
  pen.beginPath();
  pen.arc(sunX, sunY, 18, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = '#70707a';
  pen.fill(new Path2D('M0 190 70 110 120 160 180 90 256 180 256 256 0 256z'));
}

async function show(blob) {
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(blob);
  await picture.decode();
}
