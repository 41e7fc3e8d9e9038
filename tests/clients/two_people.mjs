/** Ada and Grace look at the list they share; what one writes, the other sees. */
import { play, signIn } from "./browser.mjs";

const LIST = "Analytical Engine";
const TEXT = "Oil the mill";

await play(async (openPage, url) => {
  const [ada, grace] = [await openPage(), await openPage()];
  for (const [page, name] of [
    [ada, "ada"],
    [grace, "grace"],
  ]) {
    await signIn(page, url, name);
    await page.getByRole("button", { name: LIST }).click();
    await page.getByRole("region", { name: LIST }).getByText("Write Note G").waitFor();
  }

  await ada.getByLabel("New task").fill(TEXT);
  await ada.getByRole("button", { name: "Add" }).click();
  await grace.getByRole("checkbox", { name: TEXT }).click();
  await ada.getByRole("checkbox", { name: TEXT, checked: true }).waitFor();
  await ada.getByRole("button", { name: `Delete ${TEXT}` }).click();
  await grace.getByRole("checkbox", { name: TEXT }).waitFor({ state: "detached" });
});
