// Sums up the delays of each origin airport: the stage `stats` of the flights pipeline, in C.
//
// Frames are postcard (https://postcard.jamesmunns.com/wire-format): fields follow each other without names, integers are
// varints, signed ones in zigzag, and text has its length in front.

#include "weft.h"

#include <stdlib.h>
#include <string.h>

// A flight is late when its delay is longer than this, in minutes.
#define LATE 15
// Airports at the most; there are some 3,400 in the table.
#define MAX_AIRPORTS 8192
// Bytes of a varint of 64 bits at the most.
#define MAX_VARINT 10

// What is collected of an airport while flights come in.
typedef struct {
  weft_bytes origin, city, state;
  int32_t *delays;
  size_t flights, room;
} airport;

static airport airports[MAX_AIRPORTS];
static size_t airport_count;
static weft_batch out;

static uint64_t get_unsigned(weft_bytes *frame) {
  uint64_t value = 0;
  for (unsigned shift = 0; frame->length > 0 && shift < 64; shift += 7) {
    uint8_t byte = *frame->at++;
    frame->length -= 1;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  weft_fail("a frame is no flight: an integer has no end");
}

static int64_t get_signed(weft_bytes *frame) {
  uint64_t value = get_unsigned(frame);
  return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static weft_bytes get_text(weft_bytes *frame) {
  uint64_t length = get_unsigned(frame);
  if (length > frame->length) weft_fail("a frame is no flight: a text is cut off");
  weft_bytes text = {frame->at, length};
  frame->at += length;
  frame->length -= length;
  return text;
}

static uint8_t *put_unsigned(uint8_t *at, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = (value & 0x7f) | 0x80;
  *at++ = value;
  return at;
}

static uint8_t *put_signed(uint8_t *at, int64_t value) {
  return put_unsigned(at, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

static uint8_t *put_text(uint8_t *at, weft_bytes text) {
  at = put_unsigned(at, text.length);
  memcpy(at, text.at, text.length);
  return at + text.length;
}

static void *allocated(void *memory) {
  if (memory == NULL) weft_fail("out of memory");
  return memory;
}

static weft_bytes copy(weft_bytes bytes) {
  // At least one byte, as no memory at all may be NULL.
  uint8_t *memory = allocated(malloc(bytes.length + 1));
  memcpy(memory, bytes.at, bytes.length);
  return (weft_bytes){memory, bytes.length};
}

static int by_code(weft_bytes a, weft_bytes b) {
  int order = memcmp(a.at, b.at, a.length < b.length ? a.length : b.length);
  return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static int by_delay(const void *a, const void *b) {
  int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
  return (left > right) - (left < right);
}

// The airport with this code, which is put in its place in the order of codes if it is new.
static airport *find(weft_bytes origin, weft_bytes city, weft_bytes state) {
  size_t low = 0, high = airport_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = by_code(airports[middle].origin, origin);
    if (order == 0) return &airports[middle];
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  if (airport_count == MAX_AIRPORTS) weft_fail("more airports than MAX_AIRPORTS");
  memmove(&airports[low + 1], &airports[low], (airport_count - low) * sizeof *airports);
  airport_count += 1;
  airports[low] = (airport){.origin = copy(origin), .city = copy(city), .state = copy(state)};
  return &airports[low];
}

static void collect(weft_bytes flight) {
  int64_t delay = get_signed(&flight);
  get_unsigned(&flight); // distance
  weft_bytes origin = get_text(&flight);
  get_text(&flight); // destination
  get_text(&flight); // name
  weft_bytes city = get_text(&flight), state = get_text(&flight);

  airport *from = find(origin, city, state);
  if (from->flights == from->room) {
    from->room = from->room == 0 ? 16 : 2 * from->room;
    from->delays = allocated(realloc(from->delays, from->room * sizeof *from->delays));
  }
  from->delays[from->flights++] = (int32_t)delay;
}

static void sum_up(const airport *from) {
  size_t flights = from->flights;
  int32_t *delays = from->delays;
  qsort(delays, flights, sizeof *delays, by_delay);
  int64_t sum = 0;
  uint64_t late = 0;
  for (size_t i = 0; i < flights; i++) {
    sum += delays[i];
    late += delays[i] > LATE;
  }
  // Twice the median: the same place twice when there is a middle one.
  int64_t doubled_median = (int64_t)delays[(flights - 1) / 2] + delays[flights / 2];

  size_t texts = from->origin.length + from->city.length + from->state.length;
  uint8_t *frame = allocated(malloc(texts + 8 * MAX_VARINT)), *at = frame;
  at = put_text(at, from->origin);
  at = put_text(at, from->city);
  at = put_text(at, from->state);
  at = put_unsigned(at, flights);
  at = put_signed(at, sum);
  at = put_signed(at, doubled_median);
  at = put_signed(at, delays[flights - 1]);
  at = put_unsigned(at, late);
  weft_send(&out, (weft_bytes){frame, at - frame});
  free(frame);
}

// ANCHOR: entry
// The entry point of wit/stage.wit. To fail with a reason, a stage fills `error` and returns false.
bool exports_stats_run(stats_own_reader_t joined, stats_own_writer_t delays, uint64_t *flights, stats_string_t *error) {
  (void)error;
  weft_frames frames = {.reader = joined};
  out.writer = delays;
  *flights = 0;
  for (weft_bytes frame; weft_next(&frames, &frame); *flights += 1) collect(frame);
  weft_close_frames(&frames);
  for (size_t i = 0; i < airport_count; i++) sum_up(&airports[i]);
  weft_close_batch(&out);
  return true;
}
// ANCHOR_END: entry
