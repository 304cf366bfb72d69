window.unmount = () => document.querySelector('iframe').remove();
