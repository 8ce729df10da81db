/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-edge-router.h"

#include <math.h>

#define STUB        20.f /* how far a line runs straight out of a node, at least */
#define LANE        8.f
#define MARGIN      14.f /* between a line and a node it passes */
#define HIT_COST    4000.f
#define SHARE_COST  900.f
#define CROSS_COST  30.f
#define BEND_COST   40.f
#define N_LANES     5
#define N_CORRIDORS 24

typedef struct {
  graphene_point_t a, b; /* a before b along its axis */
  guint source;
  guint target;
} Segment;

struct _AirEdgeRouter {
  const graphene_rect_t *obstacles;
  AirGrid *grid;
  AirGrid *used_grid;
  GArray *used; /* Segment */
  GArray *near; /* guint, scratch */
};

/**
 * air_edge_router_new:
 * @obstacles: (array length=n_obstacles): what lines go around; borrowed, and to stay as they are
 * @n_obstacles: how many
 *
 * Returns: (transfer full): a router that has drawn nothing
 */
AirEdgeRouter *
air_edge_router_new (const graphene_rect_t *obstacles, guint n_obstacles)
{
  AirEdgeRouter *self = g_new0 (AirEdgeRouter, 1);

  self->obstacles = obstacles;
  self->grid = air_grid_new ();
  self->used_grid = air_grid_new ();
  self->used = g_array_new (FALSE, FALSE, sizeof (Segment));
  self->near = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n_obstacles; i++)
    air_grid_add (self->grid, &obstacles[i], i);
  return self;
}

void
air_edge_router_free (AirEdgeRouter *self)
{
  air_grid_free (self->grid);
  air_grid_free (self->used_grid);
  g_array_unref (self->used);
  g_array_unref (self->near);
  g_free (self);
}

static graphene_rect_t
box_of (const graphene_point_t *a, const graphene_point_t *b)
{
  return GRAPHENE_RECT_INIT (MIN (a->x, b->x), MIN (a->y, b->y), fabsf (a->x - b->x), fabsf (a->y - b->y));
}

static gboolean
cuts (const graphene_rect_t *segment, const graphene_rect_t *obstacle)
{
  return segment->origin.x < obstacle->origin.x + obstacle->size.width + 4
         && segment->origin.x + segment->size.width > obstacle->origin.x - 4
         && segment->origin.y < obstacle->origin.y + obstacle->size.height + 4
         && segment->origin.y + segment->size.height > obstacle->origin.y - 4;
}

static float
cost_of_segment (AirEdgeRouter *self,
                 const graphene_point_t *a,
                 const graphene_point_t *b,
                 guint source,
                 guint target,
                 gboolean first,
                 gboolean last)
{
  graphene_rect_t box = box_of (a, b);
  gboolean vertical = box.size.width < box.size.height;
  float cost = box.size.width + box.size.height;

  air_grid_query (self->grid, &box, self->near);
  for (guint i = 0; i < self->near->len; i++)
    {
      guint obstacle = g_array_index (self->near, guint, i);

      /* The ends touch their own nodes. */
      if ((first && obstacle == source) || (last && obstacle == target))
        continue;
      if (cuts (&box, &self->obstacles[obstacle]))
        cost += HIT_COST;
    }
  air_grid_query (self->used_grid, &box, self->near);
  for (guint i = 0; i < self->near->len; i++)
    {
      const Segment *other = &g_array_index (self->used, Segment, g_array_index (self->near, guint, i));
      graphene_rect_t other_box = box_of (&other->a, &other->b);
      gboolean other_vertical = other_box.size.width < other_box.size.height;

      if (other_vertical != vertical)
        {
          if (box.origin.x < other_box.origin.x + other_box.size.width
              && other_box.origin.x < box.origin.x + box.size.width
              && box.origin.y < other_box.origin.y + other_box.size.height
              && other_box.origin.y < box.origin.y + box.size.height)
            cost += CROSS_COST;
          continue;
        }
      if (other->target == target)
        continue;
      if (vertical ? fabsf (box.origin.x - other_box.origin.x) < LANE - 2
                         && box.origin.y < other_box.origin.y + other_box.size.height
                         && other_box.origin.y < box.origin.y + box.size.height
                   : fabsf (box.origin.y - other_box.origin.y) < LANE - 2
                         && box.origin.x < other_box.origin.x + other_box.size.width
                         && other_box.origin.x < box.origin.x + box.size.width)
        cost += SHARE_COST;
    }
  return cost;
}

static float
cost_of_path (AirEdgeRouter *self, const graphene_point_t *points, guint n, guint source, guint target, float limit)
{
  float cost = 0;

  for (guint i = 0; i + 1 < n && cost < limit; i++)
    {
      if (fabsf (points[i].x - points[i + 1].x) < .5f && fabsf (points[i].y - points[i + 1].y) < .5f)
        continue;
      cost += cost_of_segment (self, &points[i], &points[i + 1], source, target, i == 0, i + 2 == n);
      if (i > 0)
        cost += BEND_COST;
    }
  return cost;
}

typedef struct {
  graphene_point_t points[6];
  guint n;
  float cost;
} Path;

static void
consider (AirEdgeRouter *self,
          Path *best,
          const graphene_point_t *points,
          guint n,
          guint source,
          guint target,
          float penalty)
{
  float cost = penalty + cost_of_path (self, points, n, source, target, best->cost);

  if (cost >= best->cost)
    return;
  memcpy (best->points, points, n * sizeof *points);
  best->n = n;
  best->cost = cost;
}

/* Heights at which a long line may run: just above and below whatever stands between the ends. */
static guint
corridors (AirEdgeRouter *self, const graphene_point_t *from, const graphene_point_t *to, float *ys)
{
  float left = MIN (from->x, to->x) - STUB, right = MAX (from->x, to->x) + STUB;
  float top = MIN (from->y, to->y), bottom = MAX (from->y, to->y);
  graphene_rect_t area = GRAPHENE_RECT_INIT (left, top - 160, right - left, bottom - top + 320);
  guint n = 0;

  ys[n++] = from->y;
  ys[n++] = to->y;
  air_grid_query (self->grid, &area, self->near);
  for (guint i = 0; i < self->near->len && n + 2 <= N_CORRIDORS; i++)
    {
      const graphene_rect_t *box = &self->obstacles[g_array_index (self->near, guint, i)];

      if (box->origin.x > right || box->origin.x + box->size.width < left)
        continue;
      ys[n++] = box->origin.y - MARGIN;
      ys[n++] = box->origin.y + box->size.height + MARGIN;
    }
  return n;
}

static void
remember (AirEdgeRouter *self, const Path *path, guint source, guint target)
{
  for (guint i = 0; i + 1 < path->n; i++)
    {
      graphene_rect_t box = box_of (&path->points[i], &path->points[i + 1]);
      Segment segment = {
        box.origin, { box.origin.x + box.size.width, box.origin.y + box.size.height }, source, target
      };

      g_array_append_val (self->used, segment);
      air_grid_add (self->used_grid, &box, self->used->len - 1);
    }
}

static GArray *
tidy (const Path *path)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (graphene_point_t));

  for (guint i = 0; i < path->n; i++)
    {
      graphene_point_t point = path->points[i];

      if (points->len > 0)
        {
          graphene_point_t last = g_array_index (points, graphene_point_t, points->len - 1);

          if (fabsf (last.x - point.x) < .5f && fabsf (last.y - point.y) < .5f)
            continue;
        }
      if (points->len > 1)
        {
          graphene_point_t *last = &g_array_index (points, graphene_point_t, points->len - 1);
          graphene_point_t before = g_array_index (points, graphene_point_t, points->len - 2);

          if ((fabsf (before.x - last->x) < .5f && fabsf (last->x - point.x) < .5f)
              || (fabsf (before.y - last->y) < .5f && fabsf (last->y - point.y) < .5f))
            {
              *last = point;
              continue;
            }
        }
      g_array_append_val (points, point);
    }
  return points;
}

/**
 * air_edge_router_route:
 * @self: a router
 * @from: on the right side of a node
 * @to: on the left side of a node
 * @lane: tells edges of one source apart
 * @source: index of the node it leaves
 * @target: index of the node it goes to; edges with the same one may run together
 *
 * Returns: (transfer full) (element-type graphene_point_t): the corners of the line, ends included
 */
GArray *
air_edge_router_route (AirEdgeRouter *self,
                       const graphene_point_t *from,
                       const graphene_point_t *to,
                       guint lane,
                       guint source,
                       guint target)
{
  Path best = { .cost = G_MAXFLOAT };
  float ys[N_CORRIDORS];
  guint n_corridors;

  if (fabsf (from->y - to->y) < .5f && from->x < to->x)
    {
      graphene_point_t straight[] = { *from, *to };

      consider (self, &best, straight, 2, source, target, 0);
    }
  for (guint k = 0; k < N_LANES && from->x + 2 * STUB <= to->x + .5f; k++)
    {
      /* Lanes are tried from the edge's own one on, so that siblings spread without any search. */
      float shift = LANE * (float) ((k + lane) % N_LANES), penalty = 4.f * k;
      float after = from->x + STUB + shift, before = to->x - STUB - shift;
      graphene_point_t early[] = { *from, { after, from->y }, { after, to->y }, *to };
      graphene_point_t late[] = { *from, { before, from->y }, { before, to->y }, *to };

      if (after <= to->x - STUB + .5f)
        consider (self, &best, early, 4, source, target, penalty);
      if (before >= from->x + STUB - .5f)
        consider (self, &best, late, 4, source, target, penalty + 1);
    }
  if (best.cost < HIT_COST / 4)
    n_corridors = 0;
  else
    n_corridors = corridors (self, from, to, ys);
  for (guint c = 0; c < n_corridors; c++)
    for (guint k = 0; k < N_LANES; k++)
      {
        float shift = LANE * (float) ((k + lane) % N_LANES),
              y = ys[c] + (ys[c] > from->y ? 1.f : -1.f) * LANE * (float) (k % 2);
        float after = from->x + STUB + shift, before = to->x - STUB - shift;
        graphene_point_t around[] = { *from, { after, from->y }, { after, y }, { before, y }, { before, to->y }, *to };

        consider (self, &best, around, 6, source, target, 4.f * k);
      }
  if (best.n == 0)
    {
      /* Too close for any lane: straight across the middle is still a line. */
      float middle = (from->x + to->x) / 2;
      graphene_point_t plain[] = { *from, { middle, from->y }, { middle, to->y }, *to };

      memcpy (best.points, plain, sizeof plain);
      best.n = 4;
    }
  remember (self, &best, source, target);
  return tidy (&best);
}
