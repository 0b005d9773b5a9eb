/** Day of the week (0 = Monday) and minute of the day at a place. */
export interface LocalTime {
  readonly day: number;
  readonly minute: number;
}

export type ZoneClock = (wallMicros: number) => LocalTime;

/** A clock face for an IANA time zone; null when there is no such zone. Reads no clock itself. */
export function createZoneClock(timezone: string): ZoneClock | null {
  if (timezone === "UTC") return utc;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
  } catch {
    return null;
  }
  return (wallMicros) => {
    const parts = format.formatToParts(new Date(wallMicros / 1000));
    const read = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
    return {
      day: DAYS.indexOf(read("weekday")),
      minute: Number(read("hour")) * 60 + Number(read("minute")),
    };
  };
}

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function utc(wallMicros: number): LocalTime {
  const date = new Date(wallMicros / 1000);
  return {
    day: (date.getUTCDay() + 6) % 7,
    minute: date.getUTCHours() * 60 + date.getUTCMinutes(),
  };
}
