const own = document.querySelector('#own');
own.querySelector('input').addEventListener('input', (event) => {
  own.params = { strength: event.target.valueAsNumber };
});

const told = document.querySelector('#told');
const log = document.querySelector('#log');
for (const name of ['status', 'params', 'view', 'input', 'room', 'notice', 'drawing']) {
  told.addEventListener(`up-${name}`, ({ detail }) => {
    log.value = `up-${name} ${JSON.stringify(detail?.status ?? detail ?? '')}`.slice(0, 200);
  });
}
