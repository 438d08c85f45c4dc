// ical.js judges our calendars: what it reads from the files named, as JSON, with times in UTC by the zone in the file.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const read = (name) => {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(name, "utf8")));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  const utc = (time) => time.convertToZone(ICAL.Timezone.utcTimezone).toString();
  return {
    method: calendar.getFirstPropertyValue("method"),
    events: calendar.getAllSubcomponents("vevent").map((each) => {
      const event = new ICAL.Event(each);
      return {
        uid: event.uid, sequence: event.sequence, start: utc(event.startDate), end: utc(event.endDate),
        zone: event.startDate.zone.tzid, status: each.getFirstPropertyValue("status"),
        summary: event.summary, location: event.location, description: event.description,
        organizer: event.organizer, attendees: event.attendees.map((one) => one.getFirstValue()),
        names: event.attendees.map((one) => one.getParameter("cn")),
      };
    }),
  };
};

console.log(JSON.stringify(process.argv.slice(2).map(read)));
