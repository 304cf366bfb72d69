window.unmount = () => document.querySelector('underpaint-studio').remove();
