/** The OpenAPI 3.1 document of the control API. */
export async function describeApi(): Promise<unknown> {
  const [{ describeRoutes }, { ROUTES }] = await Promise.all([
    import("./http/server.js"),
    import("./routes/index.js"),
  ]);
  return await describeRoutes(ROUTES);
}
