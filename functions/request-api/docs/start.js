// Shows the API's own description. A file and not a part of the page, because the page's policy allows no inline script.
SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  // There are many operations: opened one by one, not all at once.
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  // Nobody else is asked what they think of it.
  validatorUrl: null,
});
