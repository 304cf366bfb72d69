document.querySelector('underpaint-studio').tokenProvider = async () => {
  const response = await fetch('http://127.0.0.1:8001/');
  if (!response.ok) throw new Error('the site gives no token');
  return response.text();
};
