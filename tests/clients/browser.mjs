/**
 * Headless Chromium for a scenario: `SCENARIO.mjs URL CHROMIUM PICTURES`.
 *
 * A scenario that ends prints {"requests": [url], "problems": [text]}: every request of every page,
 * and every error that a page logged or threw. One that fails leaves a picture of each page in the
 * folder PICTURES, and exits with 1.
 */
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
const DEADLINE = 20_000;

/** Run `scenario(openPage, url)`; `openPage()` is a page of a visitor of its own. */
export async function play(scenario) {
  const [url, executablePath, pictures] = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const requests = [];
  const problems = [];
  const pages = [];
  const openPage = async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(DEADLINE);
    page.on("request", (request) => requests.push(request.url()));
    page.on("websocket", (socket) => requests.push(socket.url()));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    pages.push(page);
    return page;
  };
  try {
    await scenario(openPage, url);
    process.stdout.write(JSON.stringify({ requests, problems }));
  } catch (error) {
    process.exitCode = 1;
    console.error(error, problems);
    for (const [number, page] of pages.entries()) {
      await page.screenshot({ path: `${pictures}/page-${number}.png` });
    }
  } finally {
    await browser.close();
  }
}

/** Open the example's page and go in as `name`. */
export async function signIn(page, url, name) {
  await page.goto(url);
  await page.getByRole("button", { name: `Sign in as ${name}` }).click();
  await page.getByRole("status").getByText("Live").waitFor();
}
