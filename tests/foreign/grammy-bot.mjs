// A demo bot on grammY, used as it comes: a judge of the emulated Bot API.
// node grammy-bot.mjs API_ROOT TOKEN polling|webhook; says "ready" and stops when its input closes.
import { createServer } from "node:http";
import { Bot, InlineKeyboard, InputFile, webhookCallback } from "grammy";

const [apiRoot, token, mode] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot } });

bot.command("start", (ctx) =>
  ctx.reply(`Dag ${ctx.from.first_name} (${ctx.match}), doet u mee?`, {
    reply_markup: new InlineKeyboard().text("Ja", "mee:ja").text("Nee", "mee:nee"),
  }),
);
bot.command("brief", (ctx) => ctx.replyWithDocument(new InputFile(Buffer.from("hallo"), "brief.txt")));
bot.callbackQuery(/^mee:(.+)$/, async (ctx) => {
  await ctx.answerCallbackQuery({ text: "genoteerd" });
  await ctx.editMessageText(`U koos ${ctx.match[1]}`);
});
bot.on("message:voice", async (ctx) => {
  const file = await ctx.getFile();
  const content = await (await fetch(`${apiRoot}/file/bot${token}/${file.file_path}`)).arrayBuffer();
  await ctx.reply(`${content.byteLength} bytes`);
});
bot.on("message:text", (ctx) => ctx.reply(ctx.message.text));

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
if (mode === "polling") {
  await bot.start({ onStart: () => console.log("ready") });
} else {
  const server = createServer(webhookCallback(bot, "http", { secretToken: "geheim" }));
  server.listen(0, "127.0.0.1", async () => {
    await bot.api.setWebhook(`http://127.0.0.1:${server.address().port}/`, { secret_token: "geheim" });
    console.log("ready");
  });
}
