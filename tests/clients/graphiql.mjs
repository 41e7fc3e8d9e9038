/** GraphiQL runs a subscription as the signed-in Ada, and shows what Grace writes through REST. */
import { play, signIn } from "./browser.mjs";

const SUBSCRIPTION = "subscription { tasks(snapshot: true) { action instance { text done } } }";

await play(async (openPage, url) => {
  const page = await openPage();
  await signIn(page, url, "ada");
  await page.goto(`${url}graphql/`);
  await page.locator(".graphiql-query-editor .monaco-editor").click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(SUBSCRIPTION);
  await page.getByRole("button", { name: "Execute query" }).click();
  const response = page.locator(".graphiql-response");
  await response.getByText("SNAPSHOT").waitFor();

  await fetch(`${url}api/tasks/1/`, {
    method: "PATCH",
    headers: { Authorization: "Token demo-grace", "Content-Type": "application/json" },
    body: JSON.stringify({ text: "Rewritten" }),
  });
  await response.getByText("UPDATED").waitFor();
  await response.getByText("Rewritten").waitFor();
});
