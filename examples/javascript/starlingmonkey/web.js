// Answers HTTP requests as service workers do. HTTP is done by the engine that the component is built with.

addEventListener("fetch", (event) => event.respondWith(answer(event.request)));

async function answer(request) {
  const url = new URL(request.url);
  switch (url.pathname) {
    case "/hello":
      return new Response("hello from JavaScript\n");
    case "/echo":
      return new Response(request.body, { headers: { "x-method": request.method } });
    case "/get": {
      const answer = await fetch(url.searchParams.get("url"));
      return new Response(`${answer.status} ${await answer.text()}`);
    }
    default:
      return new Response("nothing here\n", { status: 404 });
  }
}
