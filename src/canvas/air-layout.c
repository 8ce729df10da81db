/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-layout.h"

#include <math.h>

#define RANK_GAP 72.f
#define NODE_GAP 48.f
#define LANE     24.f /* what a long edge takes where it passes a rank */
#define GRID     8.f
#define SWEEPS   12
#define PASSES   6

/* Layered drawing after Sugiyama: break cycles, rank, split long edges at each rank they pass, order the
 * ranks to lessen crossings, then move nodes towards their neighbours without changing the order. */

typedef struct {
  guint node; /* of the graph, or G_MAXUINT where a long edge passes */
  guint rank;
  guint order;
  float size;   /* extent across the flow */
  float pos;    /* centre across the flow */
  GArray *up;   /* guint: vertices one rank before */
  GArray *down; /* guint: one rank after */
  double key;
} Vertex;

typedef struct {
  GArray *vertices; /* Vertex */
  GPtrArray *ranks; /* GArray of guint */
} Layers;

/* Depth first, in the order of nodes and edges: an edge to a node still open closes a cycle. */
static void
find_back_edges (guint n_nodes, const AirLayoutEdge *edges, guint n_edges, gboolean *back)
{
  g_autofree guint *first = g_new0 (guint, n_nodes + 1);
  g_autofree guint *sorted = g_new (guint, n_edges + 1);
  g_autofree guint *next = g_new0 (guint, n_nodes);
  g_autofree guint *stack = g_new (guint, n_nodes + 1);
  g_autofree guint8 *state = g_new0 (guint8, n_nodes);

  for (guint e = 0; e < n_edges; e++)
    first[edges[e].from + 1]++;
  for (guint i = 0; i < n_nodes; i++)
    first[i + 1] += first[i];
  for (guint e = 0; e < n_edges; e++)
    {
      guint from = edges[e].from;

      sorted[first[from] + next[from]++] = e;
    }
  for (guint i = 0; i < n_nodes; i++)
    next[i] = first[i];
  for (guint root = 0; root < n_nodes; root++)
    {
      guint depth = 0;

      if (state[root] != 0)
        continue;
      stack[depth++] = root;
      state[root] = 1;
      while (depth > 0)
        {
          guint node = stack[depth - 1], edge;

          if (next[node] == first[node + 1])
            {
              state[node] = 2;
              depth--;
              continue;
            }
          edge = sorted[next[node]++];
          if (state[edges[edge].to] == 1)
            back[edge] = TRUE;
          else if (state[edges[edge].to] == 0)
            {
              state[edges[edge].to] = 1;
              stack[depth++] = edges[edge].to;
            }
        }
    }
}

static void
rank_without (AirLayoutNode *nodes, guint n_nodes, const AirLayoutEdge *edges, guint n_edges, const gboolean *back)
{
  g_autofree guint *degree = g_new0 (guint, n_nodes);
  g_autofree guint *queue = g_new (guint, n_nodes + 1);
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  guint head = 0, tail = 0;

  for (guint i = 0; i < n_nodes; i++)
    {
      nodes[i].rank = 0;
      g_ptr_array_add (out, g_array_new (FALSE, FALSE, sizeof (guint)));
    }
  for (guint e = 0; e < n_edges; e++)
    if (!back[e])
      {
        degree[edges[e].to]++;
        g_array_append_val (out->pdata[edges[e].from], edges[e].to);
      }
  for (guint i = 0; i < n_nodes; i++)
    if (degree[i] == 0)
      queue[tail++] = i;
  while (head < tail)
    {
      guint node = queue[head++];
      GArray *targets = out->pdata[node];

      for (guint i = 0; i < targets->len; i++)
        {
          guint to = g_array_index (targets, guint, i);

          nodes[to].rank = MAX (nodes[to].rank, nodes[node].rank + 1);
          if (--degree[to] == 0)
            queue[tail++] = to;
        }
    }
}

/**
 * air_layout_rank:
 * @nodes: (array length=n_nodes) (inout): gets ranks
 * @n_nodes: how many
 * @edges: (array length=n_edges): which may form cycles
 * @n_edges: how many
 *
 * Ranks alone: the longest way from a source, without the edges that close cycles.
 */
void
air_layout_rank (AirLayoutNode *nodes, guint n_nodes, const AirLayoutEdge *edges, guint n_edges)
{
  g_autofree gboolean *back = g_new0 (gboolean, n_edges + 1);

  find_back_edges (n_nodes, edges, n_edges, back);
  rank_without (nodes, n_nodes, edges, n_edges, back);
}

static guint
add_vertex (Layers *layers, guint node, guint rank, float size)
{
  Vertex vertex = { .node = node, .rank = rank, .size = size };
  guint index = layers->vertices->len;
  GArray *order;

  vertex.up = g_array_new (FALSE, FALSE, sizeof (guint));
  vertex.down = g_array_new (FALSE, FALSE, sizeof (guint));
  while (layers->ranks->len <= rank)
    g_ptr_array_add (layers->ranks, g_array_new (FALSE, FALSE, sizeof (guint)));
  order = layers->ranks->pdata[rank];
  vertex.order = order->len;
  g_array_append_val (layers->vertices, vertex);
  g_array_append_val (order, index);
  return index;
}

static Vertex *
vertex_at (Layers *layers, guint index)
{
  return &g_array_index (layers->vertices, Vertex, index);
}

static void
join (Layers *layers, guint above, guint below)
{
  g_array_append_val (vertex_at (layers, above)->down, below);
  g_array_append_val (vertex_at (layers, below)->up, above);
}

static int
compare_edge (gconstpointer a, gconstpointer b, gpointer data)
{
  const AirLayoutEdge *edges = data;
  const AirLayoutEdge *x = &edges[*(const guint *) a], *y = &edges[*(const guint *) b];

  if (x->from != y->from)
    return x->from < y->from ? -1 : 1;
  if (x->port != y->port)
    return x->port < y->port ? -1 : 1;
  return *(const guint *) a < *(const guint *) b ? -1 : 1;
}

static void
build_layers (Layers *layers, AirLayoutNode *nodes, guint n_nodes, const AirLayoutEdge *edges, guint n_edges)
{
  g_autofree guint *sorted = g_new (guint, n_edges + 1);

  for (guint i = 0; i < n_nodes; i++)
    add_vertex (layers, i, nodes[i].rank, nodes[i].height);
  for (guint e = 0; e < n_edges; e++)
    sorted[e] = e;
  g_sort_array (sorted, n_edges, sizeof (guint), compare_edge, (gpointer) edges);
  for (guint i = 0; i < n_edges; i++)
    {
      const AirLayoutEdge *edge = &edges[sorted[i]];
      guint from = edge->from, to = edge->to, last;

      if (nodes[from].rank == nodes[to].rank)
        continue;
      if (nodes[from].rank > nodes[to].rank)
        {
          guint swap = from;

          from = to;
          to = swap;
        }
      last = from;
      for (guint rank = nodes[from].rank + 1; rank < nodes[to].rank; rank++)
        {
          guint dummy = add_vertex (layers, G_MAXUINT, rank, LANE);

          join (layers, last, dummy);
          last = dummy;
        }
      join (layers, last, to);
    }
}

static int
compare_key (gconstpointer a, gconstpointer b, gpointer data)
{
  Layers *layers = data;
  const Vertex *x = vertex_at (layers, *(const guint *) a), *y = vertex_at (layers, *(const guint *) b);

  if (x->key != y->key)
    return x->key < y->key ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order ? 1 : 0;
}

static void
sort_rank (Layers *layers, guint rank, gboolean by_up)
{
  GArray *order = layers->ranks->pdata[rank];

  for (guint i = 0; i < order->len; i++)
    {
      Vertex *vertex = vertex_at (layers, g_array_index (order, guint, i));
      GArray *near = by_up ? vertex->up : vertex->down;
      double sum = 0;

      for (guint j = 0; j < near->len; j++)
        {
          /* Later edges of one node stand a little lower, so that ports keep their order. */
          sum += vertex_at (layers, g_array_index (near, guint, j))->order;
          if (by_up)
            {
              GArray *siblings = vertex_at (layers, g_array_index (near, guint, j))->down;

              for (guint k = 0; k < siblings->len; k++)
                if (g_array_index (siblings, guint, k) == g_array_index (order, guint, i))
                  {
                    sum += 0.5 * k / siblings->len;
                    break;
                  }
            }
        }
      vertex->key = near->len > 0 ? sum / near->len : vertex->order;
    }
  g_sort_array (order->data, order->len, sizeof (guint), compare_key, layers);
  for (guint i = 0; i < order->len; i++)
    vertex_at (layers, g_array_index (order, guint, i))->order = i;
}

static guint64
count_crossings (Layers *layers)
{
  guint64 crossings = 0;

  for (guint r = 0; r + 1 < layers->ranks->len; r++)
    {
      GArray *order = layers->ranks->pdata[r];
      GArray *below = layers->ranks->pdata[r + 1];
      g_autofree guint *tree = g_new0 (guint, below->len + 1);
      guint total = 0;

      /* Edges in the order of their upper ends; a Fenwick tree counts those that end lower but began earlier. */
      for (guint i = 0; i < order->len; i++)
        {
          GArray *down = vertex_at (layers, g_array_index (order, guint, i))->down;

          for (guint j = 0; j < down->len; j++)
            {
              guint end = vertex_at (layers, g_array_index (down, guint, j))->order, not_after = 0;

              for (guint k = end + 1; k > 0; k -= k & -k)
                not_after += tree[k];
              crossings += total - not_after;
            }
          for (guint j = 0; j < down->len; j++)
            {
              guint end = vertex_at (layers, g_array_index (down, guint, j))->order;

              for (guint k = end + 1; k <= below->len; k += k & -k)
                tree[k]++;
              total++;
            }
        }
    }
  return crossings;
}

static void
order_ranks (Layers *layers)
{
  g_autofree guint *best = g_new (guint, layers->vertices->len + 1);
  guint64 fewest = G_MAXUINT64;

  for (guint sweep = 0; sweep < SWEEPS && fewest > 0; sweep++)
    {
      guint64 crossings;

      if (sweep % 2 == 0)
        for (guint r = 1; r < layers->ranks->len; r++)
          sort_rank (layers, r, TRUE);
      else
        for (guint r = layers->ranks->len - 1; r-- > 0;)
          sort_rank (layers, r, FALSE);
      crossings = count_crossings (layers);
      if (crossings < fewest)
        {
          fewest = crossings;
          for (guint i = 0; i < layers->vertices->len; i++)
            best[i] = vertex_at (layers, i)->order;
        }
    }
  for (guint i = 0; i < layers->vertices->len; i++)
    {
      Vertex *vertex = vertex_at (layers, i);

      vertex->order = best[i];
      g_array_index ((GArray *) layers->ranks->pdata[vertex->rank], guint, vertex->order) = i;
    }
}

static float
gap_between (const Vertex *a, const Vertex *b)
{
  float gap = a->node == G_MAXUINT && b->node == G_MAXUINT ? GRID : NODE_GAP;

  return a->size / 2 + gap + b->size / 2;
}

/* Places a rank's vertices as near to what they want as their order allows: least squares under a chain of
 * minimum distances, by pooling neighbours that push each other. */
static void
place_rank (Layers *layers, GArray *order, const float *wanted)
{
  guint n = order->len, blocks = 0;
  g_autofree float *offset = g_new0 (float, n + 1);
  g_autofree double *sum = g_new0 (double, n + 1);
  g_autofree guint *count = g_new0 (guint, n + 1);

  for (guint i = 1; i < n; i++)
    offset[i] = offset[i - 1]
                + gap_between (vertex_at (layers, g_array_index (order, guint, i - 1)),
                               vertex_at (layers, g_array_index (order, guint, i)));
  for (guint i = 0; i < n; i++)
    {
      sum[blocks] = wanted[i] - offset[i];
      count[blocks] = 1;
      blocks++;
      while (blocks > 1 && sum[blocks - 2] / count[blocks - 2] > sum[blocks - 1] / count[blocks - 1])
        {
          sum[blocks - 2] += sum[blocks - 1];
          count[blocks - 2] += count[blocks - 1];
          blocks--;
        }
    }
  for (guint b = 0, i = 0; b < blocks; b++)
    for (guint j = 0; j < count[b]; j++, i++)
      vertex_at (layers, g_array_index (order, guint, i))->pos = (float) (sum[b] / count[b]) + offset[i];
}

static void
place_all (Layers *layers)
{
  for (guint r = 0; r < layers->ranks->len; r++)
    {
      GArray *order = layers->ranks->pdata[r];
      g_autofree float *wanted = g_new0 (float, order->len + 1);

      place_rank (layers, order, wanted);
    }
  for (guint pass = 0; pass < PASSES; pass++)
    for (guint step = 0; step < layers->ranks->len; step++)
      {
        gboolean forward = pass % 2 == 0;
        guint r = forward ? step : layers->ranks->len - 1 - step;
        GArray *order = layers->ranks->pdata[r];
        g_autofree float *wanted = g_new (float, order->len + 1);

        for (guint i = 0; i < order->len; i++)
          {
            Vertex *vertex = vertex_at (layers, g_array_index (order, guint, i));
            GArray *near = forward ? vertex->up : vertex->down;
            double sum = 0;

            for (guint j = 0; j < near->len; j++)
              sum += vertex_at (layers, g_array_index (near, guint, j))->pos;
            wanted[i] = near->len > 0 ? (float) (sum / near->len) : vertex->pos;
          }
        place_rank (layers, order, wanted);
      }
}

/**
 * air_layout_run:
 * @nodes: (array length=n_nodes) (inout): gets places and ranks
 * @n_nodes: how many
 * @edges: (array length=n_edges): which may form cycles
 * @n_edges: how many
 *
 * A layered layout from left to right (Sugiyama). The same graph gives the same result, bit for bit.
 */
void
air_layout_run (AirLayoutNode *nodes, guint n_nodes, const AirLayoutEdge *edges, guint n_edges)
{
  Layers layers = { g_array_new (FALSE, TRUE, sizeof (Vertex)),
                    g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref) };
  float top = G_MAXFLOAT;
  float x = 0;

  air_layout_rank (nodes, n_nodes, edges, n_edges);
  build_layers (&layers, nodes, n_nodes, edges, n_edges);
  if (layers.vertices->len > 0)
    {
      order_ranks (&layers);
      place_all (&layers);
    }
  for (guint r = 0; r < layers.ranks->len; r++)
    {
      GArray *order = layers.ranks->pdata[r];
      float widest = 0;

      for (guint i = 0; i < order->len; i++)
        {
          Vertex *vertex = vertex_at (&layers, g_array_index (order, guint, i));

          if (vertex->node == G_MAXUINT)
            continue;
          nodes[vertex->node].x = x;
          nodes[vertex->node].y = roundf ((vertex->pos - vertex->size / 2) / GRID) * GRID;
          widest = MAX (widest, nodes[vertex->node].width);
          top = MIN (top, nodes[vertex->node].y);
        }
      x += widest + RANK_GAP;
    }
  for (guint i = 0; i < n_nodes; i++)
    nodes[i].y -= top;
  for (guint i = 0; i < layers.vertices->len; i++)
    {
      g_array_unref (vertex_at (&layers, i)->up);
      g_array_unref (vertex_at (&layers, i)->down);
    }
  g_array_unref (layers.vertices);
  g_ptr_array_unref (layers.ranks);
}
