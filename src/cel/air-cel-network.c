/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "cel/air-cel-private.h"

/*
 * The extension "network": addresses and prefixes as values. An address is kept as its
 * 4 or 16 bytes, a prefix as those and one byte more, its length.
 */

#define T(x) AIR_CEL_TYPE_##x

typedef struct {
  guint8 bytes[17];
  gsize size; /* of the address: 4 or 16 */
} Address;

static gboolean
parse_address (const char *text, gsize length, Address *ret)
{
  char copy[INET6_ADDRSTRLEN];

  if (length >= sizeof copy || memchr (text, '\0', length) != NULL)
    return FALSE;
  memcpy (copy, text, length);
  copy[length] = '\0';
  if (inet_pton (AF_INET, copy, ret->bytes) == 1)
    {
      ret->size = 4;
      return TRUE;
    }
  ret->size = 16;
  if (inet_pton (AF_INET6, copy, ret->bytes) != 1)
    return FALSE;
  /* Dots in an IPv6 text stand for a mapped IPv4 address, which is to be written as such. */
  return strchr (copy, '.') == NULL;
}

/* ::ffff:c0a8:1 is 192.168.0.1 */
static void
unmap (Address *self)
{
  static const guint8 mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

  if (self->size == 16 && memcmp (self->bytes, mapped, sizeof mapped) == 0)
    {
      memmove (self->bytes, self->bytes + 12, 4);
      self->size = 4;
    }
}

static gboolean
parse_prefix (const char *text, gsize length, Address *ret)
{
  const char *slash = memchr (text, '/', length);
  gsize digits = slash != NULL ? (gsize) (text + length - slash - 1) : 0;
  guint prefix = 0;

  if (digits < 1 || digits > 3 || !parse_address (text, (gsize) (slash - text), ret) || (digits > 1 && slash[1] == '0'))
    return FALSE;
  for (gsize i = 0; i < digits; i++)
    {
      if (!g_ascii_isdigit (slash[1 + i]))
        return FALSE;
      prefix = prefix * 10 + (guint) (slash[1 + i] - '0');
    }
  if (prefix > ret->size * 8)
    return FALSE;
  ret->bytes[ret->size] = (guint8) prefix;
  return TRUE;
}

static void
set_address (AirCelFrame *frame, AirCelVal *ret, AirCelTypeKind kind, const Address *address)
{
  ret->kind = (guint8) kind;
  ret->box = air_cel_keep (frame, air_value_new_bytes (address->bytes, address->size + (kind == AIR_CEL_TYPE_CIDR)));
}

static void
get_address (const AirCelVal *value, Address *ret)
{
  gsize n;
  const guint8 *bytes = air_value_get_bytes (value->box, &n);

  memcpy (ret->bytes, bytes, n);
  ret->size = n - (value->kind == AIR_CEL_TYPE_CIDR);
}

char *
air_cel_network_to_string (const AirCelVal *self)
{
  char text[INET6_ADDRSTRLEN];
  Address address;

  get_address (self, &address);
  inet_ntop (address.size == 4 ? AF_INET : AF_INET6, address.bytes, text, sizeof text);
  return self->kind == AIR_CEL_TYPE_IP ? g_strdup (text) : g_strdup_printf ("%s/%u", text, address.bytes[address.size]);
}

/* --- making ---------------------------------------------------------------------------- */

static gboolean
do_ip (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  Address address;

  if (!parse_address (args[0].s.p, args[0].s.n, &address))
    return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "'%.*s' is no IP address", (int) MIN (args[0].s.n, 60),
                         args[0].s.p);
  unmap (&address);
  set_address (frame, ret, AIR_CEL_TYPE_IP, &address);
  return TRUE;
}

static gboolean
do_is_ip (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  Address address;

  air_cel_val_set_bool (ret, parse_address (args[0].s.p, args[0].s.n, &address));
  return TRUE;
}

static gboolean
do_is_canonical (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  g_autofree char *text = NULL;
  AirCelVal ip;

  if (!do_ip (frame, node, args, &ip))
    return FALSE;
  text = air_cel_network_to_string (&ip);
  air_cel_val_set_bool (ret, strlen (text) == args[0].s.n && memcmp (text, args[0].s.p, args[0].s.n) == 0);
  return TRUE;
}

static gboolean
do_cidr (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  Address address;

  if (!parse_prefix (args[0].s.p, args[0].s.n, &address))
    return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "'%.*s' is no prefix of addresses; write 192.0.2.0/24",
                         (int) MIN (args[0].s.n, 60), args[0].s.p);
  set_address (frame, ret, AIR_CEL_TYPE_CIDR, &address);
  return TRUE;
}

static gboolean
do_is_cidr (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  Address address;

  air_cel_val_set_bool (ret, parse_prefix (args[0].s.p, args[0].s.n, &address));
  return TRUE;
}

/* --- asking ----------------------------------------------------------------------------- */

static gboolean
do_family (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  Address address;

  get_address (&args[0], &address);
  air_cel_val_set_int (ret, address.size == 4 ? 4 : 6);
  return TRUE;
}

static gboolean
is_all (const Address *self, guint8 last)
{
  for (gsize i = 0; i + 1 < self->size; i++)
    if (self->bytes[i] != 0)
      return FALSE;
  return self->bytes[self->size - 1] == last;
}

/* What the address is for: RFC 1122, 3927, 4291. */
static gboolean
do_ask (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  Address address;
  const guint8 *b = address.bytes;
  gboolean v4, unspecified, loopback, multicast, link_multicast, link_unicast, broadcast, answer;

  get_address (&args[0], &address);
  v4 = address.size == 4;
  unspecified = is_all (&address, 0);
  loopback = v4 ? b[0] == 127 : is_all (&address, 1);
  multicast = v4 ? (b[0] & 0xf0) == 0xe0 : b[0] == 0xff;
  link_multicast = v4 ? b[0] == 224 && b[1] == 0 && b[2] == 0 : b[0] == 0xff && (b[1] & 0x0f) == 2;
  link_unicast = v4 ? b[0] == 169 && b[1] == 254 : b[0] == 0xfe && (b[1] & 0xc0) == 0x80;
  broadcast = v4 && b[0] == 255 && b[1] == 255 && b[2] == 255 && b[3] == 255;
  if (strcmp (node->name, "isUnspecified") == 0)
    answer = unspecified;
  else if (strcmp (node->name, "isLoopback") == 0)
    answer = loopback;
  else if (strcmp (node->name, "isLinkLocalMulticast") == 0)
    answer = link_multicast;
  else if (strcmp (node->name, "isLinkLocalUnicast") == 0)
    answer = link_unicast;
  else
    answer = !unspecified && !loopback && !multicast && !link_unicast && !broadcast;
  air_cel_val_set_bool (ret, answer);
  return TRUE;
}

/* --- prefixes ------------------------------------------------------------------------------- */

static void
mask (Address *self, guint prefix)
{
  for (gsize i = 0; i < self->size; i++)
    {
      guint bits = prefix > i * 8 ? MIN (prefix - (guint) i * 8, 8) : 0;

      self->bytes[i] &= (guint8) (0xff00 >> bits);
    }
}

/* Whether the address of @inner lies within @outer. */
static gboolean
contains (const Address *outer, const Address *inner)
{
  Address a = *outer, b = *inner;
  guint prefix = outer->bytes[outer->size];

  if (a.size != b.size)
    return FALSE;
  mask (&a, prefix);
  mask (&b, prefix);
  return memcmp (a.bytes, b.bytes, a.size) == 0;
}

static gboolean
do_contains_ip (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  Address outer, inner;
  AirCelVal ip = args[1];

  if (args[1].kind == AIR_CEL_TYPE_STRING && !do_ip (frame, node, &args[1], &ip))
    return FALSE;
  get_address (&args[0], &outer);
  get_address (&ip, &inner);
  air_cel_val_set_bool (ret, contains (&outer, &inner));
  return TRUE;
}

static gboolean
do_contains_cidr (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  Address outer, inner;
  AirCelVal cidr = args[1];

  if (args[1].kind == AIR_CEL_TYPE_STRING && !do_cidr (frame, node, &args[1], &cidr))
    return FALSE;
  get_address (&args[0], &outer);
  get_address (&cidr, &inner);
  air_cel_val_set_bool (ret, contains (&outer, &inner) && inner.bytes[inner.size] >= outer.bytes[outer.size]);
  return TRUE;
}

static gboolean
do_cidr_ip (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  Address address;

  get_address (&args[0], &address);
  set_address (frame, ret, AIR_CEL_TYPE_IP, &address);
  return TRUE;
}

static gboolean
do_masked (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  Address address;

  get_address (&args[0], &address);
  mask (&address, address.bytes[address.size]);
  set_address (frame, ret, AIR_CEL_TYPE_CIDR, &address);
  return TRUE;
}

static gboolean
do_prefix_length (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  Address address;

  get_address (&args[0], &address);
  air_cel_val_set_int (ret, address.bytes[address.size]);
  return TRUE;
}

const AirCelFunction air_cel_network_functions[] = {
  { "ip", FALSE, 1, { T (STRING) }, T (IP), do_ip },
  { "isIP", FALSE, 1, { T (STRING) }, T (BOOL), do_is_ip },
  { "ip.isCanonical", FALSE, 1, { T (STRING) }, T (BOOL), do_is_canonical },
  { "cidr", FALSE, 1, { T (STRING) }, T (CIDR), do_cidr },
  { "isCIDR", FALSE, 1, { T (STRING) }, T (BOOL), do_is_cidr },
  { "family", TRUE, 1, { T (IP) }, T (INT), do_family },
  { "isUnspecified", TRUE, 1, { T (IP) }, T (BOOL), do_ask },
  { "isLoopback", TRUE, 1, { T (IP) }, T (BOOL), do_ask },
  { "isGlobalUnicast", TRUE, 1, { T (IP) }, T (BOOL), do_ask },
  { "isLinkLocalMulticast", TRUE, 1, { T (IP) }, T (BOOL), do_ask },
  { "isLinkLocalUnicast", TRUE, 1, { T (IP) }, T (BOOL), do_ask },
  { "containsIP", TRUE, 2, { T (CIDR), T (IP) }, T (BOOL), do_contains_ip },
  { "containsIP", TRUE, 2, { T (CIDR), T (STRING) }, T (BOOL), do_contains_ip },
  { "containsCIDR", TRUE, 2, { T (CIDR), T (CIDR) }, T (BOOL), do_contains_cidr },
  { "containsCIDR", TRUE, 2, { T (CIDR), T (STRING) }, T (BOOL), do_contains_cidr },
  { "ip", TRUE, 1, { T (CIDR) }, T (IP), do_cidr_ip },
  { "masked", TRUE, 1, { T (CIDR) }, T (CIDR), do_masked },
  { "prefixLength", TRUE, 1, { T (CIDR) }, T (INT), do_prefix_length },
  { NULL },
};
