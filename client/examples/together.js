import 'http://127.0.0.1:8080/underpaint.js';

// The server makes a room and returns its keys: one for the owner, one to draw and one to watch.
const response = await fetch('http://127.0.0.1:8080/api/rooms', { method: 'POST' });
const { owner, edit } = await response.json();

const [ada, ben] = document.querySelectorAll('underpaint-studio');
ada.room = owner;
ben.room = edit;
