// A demo bot on telegraf, used as it comes: a judge of the emulated Bot API.
// node telegraf-bot.mjs API_ROOT TOKEN polling|webhook; says "ready" and stops when its input closes.
import { createServer } from "node:http";
import { Input, Markup, Telegraf } from "telegraf";
import { message } from "telegraf/filters";

const [apiRoot, token, mode] = process.argv.slice(2);
const bot = new Telegraf(token, { telegram: { apiRoot } });

bot.start((ctx) =>
  ctx.reply(
    `Dag ${ctx.from.first_name} (${ctx.payload}), doet u mee?`,
    Markup.inlineKeyboard([Markup.button.callback("Ja", "mee:ja"), Markup.button.callback("Nee", "mee:nee")]),
  ),
);
bot.command("brief", (ctx) => ctx.replyWithDocument(Input.fromBuffer(Buffer.from("hallo"), "brief.txt")));
bot.action(/^mee:(.+)$/, async (ctx) => {
  await ctx.answerCbQuery("genoteerd");
  await ctx.editMessageText(`U koos ${ctx.match[1]}`);
});
bot.on(message("voice"), async (ctx) => {
  const link = await ctx.telegram.getFileLink(ctx.message.voice.file_id);
  const content = await (await fetch(link)).arrayBuffer();
  await ctx.reply(`${content.byteLength} bytes`);
});
bot.on(message("text"), (ctx) => ctx.reply(ctx.message.text));

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
if (mode === "polling") {
  await bot.launch(() => console.log("ready"));
} else {
  const options = { path: "/hook", secretToken: "geheim" };
  const server = createServer(bot.webhookCallback(options.path, { secretToken: options.secretToken }));
  server.listen(0, "127.0.0.1", async () => {
    bot.botInfo = await bot.telegram.getMe();
    const url = `http://127.0.0.1:${server.address().port}${options.path}`;
    await bot.telegram.setWebhook(url, { secret_token: options.secretToken });
    console.log("ready");
  });
}
